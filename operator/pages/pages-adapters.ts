/** The real adapters of the process that serves the pages: the Kubernetes API, the system clock and standard output. */
import type { WebConfig } from '../config/web-config.ts'
import { createClient } from '../kube/client.ts'
import { Connection } from '../kube/http-connection.ts'
import { loadKubeConfig } from '../kube/kubeconfig.ts'
import { systemClock as clock, systemRandom as random } from '../runtime/base/system-clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import { createMetrics } from '../runtime/metrics/metrics.ts'
import { version } from '../app/version.ts'
import type { PagesAdapters } from './pages-ports.ts'

const name = 'tenantry-web'

/** @throws Error in a plain sentence when the kubeconfig cannot be used. */
export function createPagesAdapters(config: WebConfig, log: Logger): PagesAdapters {
  const metrics = createMetrics(clock.monotonic, { process: true })
  const kubeConfig = loadKubeConfig({ kubeconfig: config.kubeconfig })
  const observe = metrics.request
  const connection = new Connection({ config: kubeConfig, clock, userAgent: `${name}/${version}`, observe })
  const kube = createClient({ connection, fieldManager: name, deadline: config.requestTimeout })
  return { kube, clock, random, log, metrics, close: () => connection.close() }
}
