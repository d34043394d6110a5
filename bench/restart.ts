/** How soon a new process knows everything, and how much memory that takes. */
import { readFile } from 'node:fs/promises'
import type { OperatorProcess } from '../test/harness/operator.ts'
import { eventually } from '../test/harness/wait.ts'
import type { World } from '../test/harness/world.ts'
import { gate } from './gate.ts'
import { newName } from './site.ts'
import { caughtUp, markNow, settle, writesSince } from './quiet.ts'
import type { Writes } from './quiet.ts'

export interface Restart {
  readonly tenants: number
  /** Milliseconds from the start of the process until /readyz says yes. */
  readonly synced: number
  /** MiB: when it rests, and the most it ever had. */
  readonly memory: { readonly resting: number; readonly peak: number }
  /** API writes after the restart; nothing has changed, so there should be none. */
  readonly writes: Writes
}

/** Declares tenants that wait for their admins, so that each costs objects and no database. */
export async function fillUp(world: World, count: number): Promise<void> {
  const path = `/apis/tenantry.dev/v1alpha1/namespaces/${world.installation.home}/tenants`
  const places = gate(32)
  const make = (name: string) =>
    world.api.send('POST', path, {
      apiVersion: 'tenantry.dev/v1alpha1',
      kind: 'Tenant',
      metadata: { name, namespace: world.installation.home },
      spec: { displayName: `Restart ${name}` },
    })
  await Promise.all(Array.from({ length: count }, () => places(() => make(newName()))))
  const waiting = async () => {
    const tenants = await world.api.list(path)
    return tenants.every(({ status }) => status?.['phase'] !== undefined)
  }
  await eventually(waiting, { timeout: 60_000 + count * 40, interval: 1000, describe: 'the operator to know them all' })
}

/** `start`: starts the operator again and answers when it is ready. The one that runs is ended first. */
export async function restart(
  world: World,
  running: OperatorProcess,
  start: () => Promise<OperatorProcess>,
): Promise<{ readonly figures: Restart; readonly operator: OperatorProcess }> {
  await caughtUp(world)
  await settle(world, running)
  await running[Symbol.asyncDispose]()
  const mark = await markNow(world)
  const operator = await start()
  const synced = await operator.ready()
  await settle(world, operator)
  const status = await readFile(`/proc/${operator.process.pid}/status`, 'utf8')
  const mebibytes = (field: string) =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024
  const tenants = await world.api.list('/apis/tenantry.dev/v1alpha1/tenants')
  const writes = await writesSince(world, operator, mark)
  const memory = { resting: mebibytes('VmRSS'), peak: mebibytes('VmHWM') }
  return { figures: { tenants: tenants.length, synced, memory, writes }, operator }
}
