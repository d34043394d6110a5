/**
 * The operator with two bugs: no NetworkPolicy can be written in the namespace of a tenant whose name begins with `bug`, and
 * no Secret can be read whose name does. Besides, the time of each pass under way is over as soon as the file PASSES_END exists;
 * then the file goes.
 */
import { existsSync, rmSync } from 'node:fs'
import { setInterval } from 'node:timers'
import type { Clock } from '../../operator/runtime/base/clock.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import type { KubeObject } from '../../operator/kube/port.ts'
import { runDecorated } from './decorated-operator.ts'

function buggy(kube: KubeClient): KubeClient {
  const bug = () => new TypeError("Cannot read properties of undefined (reading 'spec')")
  const check = ({ kind, metadata }: KubeObject): void => {
    if (kind === 'NetworkPolicy' && metadata.namespace?.startsWith('tenant-bug') === true) throw bug()
  }
  return {
    ...kube,
    get: async (resource, key) => {
      if (resource.kind === 'Secret' && key.name.startsWith('bug')) throw bug()
      return kube.get(resource, key)
    },
    create: async (resource, object) => {
      check(object)
      return kube.create(resource, object)
    },
    replace: async (resource, object) => {
      check(object)
      return kube.replace(resource, object)
    },
  }
}

const passesEnd = process.env['PASSES_END']
const timeOfPass = 120_000

function hurried(clock: Clock): Clock {
  const running = new Set<() => void>()
  const endAll = (path: string) => {
    if (!existsSync(path)) return
    for (const end of running) end()
    rmSync(path)
  }
  if (passesEnd !== undefined) setInterval(() => endAll(passesEnd), 50).unref()
  return {
    ...clock,
    after: (delay, run) => {
      const cancel = clock.after(delay, run)
      if (delay !== timeOfPass) return cancel
      running.add(run)
      return () => {
        running.delete(run)
        cancel()
      }
    },
  }
}

await runDecorated((adapters) => ({ ...adapters, kube: buggy(adapters.kube), clock: hurried(adapters.clock) }))
