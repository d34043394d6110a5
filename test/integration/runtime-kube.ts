import { loadKubeConfig } from '../../operator/kube/kubeconfig.ts'
import { createClient, type KubeClient } from '../../operator/kube/client.ts'
import { Connection } from '../../operator/kube/http-connection.ts'
import { configMaps, type ConfigMap } from '../../operator/kube/resources.ts'
import type { KubeWatcher } from '../../operator/kube/watcher.ts'
import { silent } from '../../operator/runtime/logging/log.ts'
import type { Change } from '../../operator/runtime/cache/object-store.ts'
import { Source } from '../../operator/runtime/cache/reflector.ts'
import { harness, type Teardown } from '../harness/context.ts'
import type { Proxy } from '../harness/toxiproxy.ts'
import { realClock, seededRandom } from '../unit/runtime/fake-clock.ts'
import type { ServerFeatures } from '../../operator/runtime/cache/source-ports.ts'

/** Our client against the cluster of the tests, as its admin; through `proxy` where one is given. */
export function connect(t: Teardown, proxy?: Proxy): KubeClient {
  const config = loadKubeConfig({ kubeconfig: harness().cluster.kubeconfigPath })
  if (proxy !== undefined) {
    config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: `https://${proxy.host}:${proxy.port}` }))
  }
  const connection = new Connection({ config, clock: realClock, userAgent: 'tenantry/test' })
  t.teardown(() => connection.close())
  return createClient({ connection, fieldManager: 'tenantry-test' })
}

export interface Kept {
  readonly uid: string
  readonly colour: string | undefined
}

/** A reflector of the ConfigMaps of a namespace that our tests made, running, with what it told. */
export function reflect(t: Teardown, kube: KubeWatcher, namespace: string, features?: ServerFeatures) {
  const source = new Source<ConfigMap, Kept>(
    {
      resource: configMaps,
      namespace,
      labelSelector: 'made-by=test',
      project: ({ metadata, data }) => ({ uid: metadata.uid ?? '', colour: data?.['colour'] }),
    },
    { watcher: kube, clock: realClock, random: seededRandom(), log: silent, ...(features && { features }) },
  )
  const changes: Change<Kept>[] = []
  source.onChange((change) => void changes.push(change))
  const stop = new AbortController()
  const running = source.run(stop.signal)
  t.teardown(async () => {
    stop.abort()
    await running
  })
  return { source, changes }
}

export const configMap = (namespace: string, name: string, colour = 'red'): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, labels: { 'made-by': 'test' } },
  data: { colour },
})

/** `watcher`, with a note of each page and each watch that is asked for. */
export function noted(watcher: KubeWatcher): KubeWatcher & { readonly notes: string[] } {
  const notes: string[] = []
  return {
    notes,
    distrust: () => watcher.distrust(),
    page: (resource, options, signal) => {
      notes.push('page')
      return watcher.page(resource, options, signal)
    },
    watch: (resource, options, signal) => {
      notes.push(options.initialEvents === true ? 'watch all' : 'watch')
      return watcher.watch(resource, options, signal)
    },
  }
}
