/** `node test/harness/up.ts`: the servers of the integration tests, until Ctrl-C, for running single tests with AVA. */
import { once } from 'node:events'
import { startServers } from './servers.ts'

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort())
await using servers = await startServers((sentence) => console.error(`· ${sentence}`))
const { cluster } = servers.address
console.log(`export TENANTRY_TEST_HARNESS=${servers.path}`)
console.error(
  `· then: npx ava test/integration/<file>; kubectl: ${cluster.kubectlPath} --kubeconfig ${cluster.kubeconfigPath}`,
)
console.error('· Ctrl-C ends them')
const living = setInterval(() => undefined, 60_000)
if (!stopping.signal.aborted) await once(stopping.signal, 'abort')
clearInterval(living)
