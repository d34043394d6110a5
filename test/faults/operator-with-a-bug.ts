/**
 * The operator with two bugs: no NetworkPolicy can be written in the namespace of a tenant whose name begins with `bug`, and
 * no Secret can be read whose name does.
 */
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

await runDecorated((adapters) => ({ ...adapters, kube: buggy(adapters.kube) }))
