/** The operator with a bug: no NetworkPolicy can be written in the namespace of a tenant whose name begins with `bug`. */
import type { KubeClient } from '../../operator/kube/client.ts'
import type { KubeObject } from '../../operator/kube/port.ts'
import { runDecorated } from './decorated-operator.ts'

function buggy(kube: KubeClient): KubeClient {
  const check = ({ kind, metadata }: KubeObject): void => {
    if (kind === 'NetworkPolicy' && metadata.namespace?.startsWith('tenant-bug') === true)
      throw new TypeError("Cannot read properties of undefined (reading 'spec')")
  }
  return {
    ...kube,
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
