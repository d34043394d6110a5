/** What happens in the cluster, as lines, while the demo is up. */
import { createClient } from '../../operator/kube/client.ts'
import { loadKubeConfig } from '../../operator/kube/config.ts'
import { Connection } from '../../operator/kube/connection.ts'
import { silent } from '../../operator/runtime/log.ts'
import { systemClock as clock, systemRandom as random } from '../../operator/runtime/system-clock.ts'
import { createSources } from '../../operator/sources.ts'
import { childKinds } from '../../operator/tenant/fingerprint.ts'
import type { Cluster } from '../../test/harness/cluster.ts'
import { Healing } from './healing.ts'
import { adminHappenings, tenantHappenings } from './happenings.ts'
import type { Happening } from './happenings.ts'
import { installationName } from './operator.ts'
import type { Style, Terminal } from './terminal.ts'

/** Until the signal aborts. What was there before is not told. */
export async function follow(cluster: Cluster, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const config = loadKubeConfig({ kubeconfig: cluster.kubeconfigPath })
  const connection = new Connection({ config, clock, userAgent: 'tenantry-demo' })
  const watcher = createClient({ connection, fieldManager: 'tenantry-demo' })
  const sources = createSources({ watcher, clock, random, log: silent }, 'tenantry-system', installationName)
  const healing = new Healing()
  let told = false
  const tell = (happening: Happening): void => void (told && terminal.line(lineOf(happening, terminal)))
  sources.tenants.onChange((change) => tenantHappenings(change).forEach(tell))
  sources.admins.onChange((change) => adminHappenings(change).forEach(tell))
  // The list of who has access changes with them, which is no wound.
  for (const kind of childKinds.filter((each) => each !== 'ConfigMap')) {
    sources.children[kind].onChange((change) => {
      const healed = healing.note(kind, change, performance.now())
      if (healed !== undefined) tell(healed)
    })
  }
  const followed = [sources.tenants, sources.admins, ...Object.values(sources.children)]
  const running = followed.map((source) => source.run(signal))
  void Promise.all(followed.map(({ synced }) => synced)).then(() => (told = true))
  await Promise.all(running)
  await connection.close()
}

const signs: Readonly<Record<Happening['tone'], readonly [string, Style]>> = {
  good: ['✔', 'green'],
  bad: ['✘', 'red'],
  plain: ['›', 'cyan'],
}

function lineOf({ tone, subject, text }: Happening, { paint }: Terminal): string {
  const [sign, style] = signs[tone]
  const time = new Date().toTimeString().slice(0, 8)
  return `${paint(time, 'dim')} ${paint(sign, style)} ${paint(subject.padEnd(14), 'bold')} ${text}`
}
