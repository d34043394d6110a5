/**
 * A process that stands for election and, whenever it leads, writes its name and term into a ConfigMap as often as it can,
 * through the fence. For the tests that freeze it. Arguments: kubeconfig, namespace, identity.
 */
import { loadKubeConfig } from '../../operator/kube/kubeconfig.ts'
import { createClient } from '../../operator/kube/client.ts'
import { Connection } from '../../operator/kube/http-connection.ts'
import { configMaps } from '../../operator/kube/resources.ts'
import { fenced } from '../../operator/runtime/leadership/fence.ts'
import { LeaseElection } from '../../operator/runtime/leadership/lease.ts'
import { silent } from '../../operator/runtime/logging/log.ts'
import { realClock, seededRandom } from '../unit/runtime/fake-clock.ts'

const [kubeconfig, namespace = '', identity = ''] = process.argv.slice(2)
const connection = new Connection({
  config: loadKubeConfig({ kubeconfig }),
  clock: realClock,
  userAgent: `tenantry/${identity}`,
})
const kube = createClient({ connection, fieldManager: 'tenantry-test' })
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const election = new LeaseElection(
  { namespace, name: 'tenantry', identity, leaseDuration: 8_000, renewDeadline: 6_000, retryPeriod: 400 },
  {
    kube,
    watcher: kube,
    clock: realClock,
    random: seededRandom(),
    log: silent,
    onLeading: (term) => say(`leads ${term}`),
    onLost: () => say('lost'),
  },
)
const writer = fenced(kube, election)
process.once('SIGTERM', () => {
  void election.release().then(() => process.exit(0))
})
void election.run(new AbortController().signal)
let standing = false
for (;;) {
  const { term, holder } = election
  if (!standing && holder !== '' && holder !== identity) {
    standing = true
    say('stands by')
  }
  try {
    await writer.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: `effect-${identity}-${Math.round(realClock.monotonic() * 1_000)}` },
      data: { identity, term: String(term) },
    })
  } catch {
    // Refused by the fence, or the server is away.
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
}
