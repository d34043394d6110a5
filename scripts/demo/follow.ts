/** What happens in the cluster, as lines, while the demo is up. */
import { createClient } from '../../operator/kube/client.ts'
import { loadKubeConfig } from '../../operator/kube/kubeconfig.ts'
import { Connection } from '../../operator/kube/http-connection.ts'
import { silent } from '../../operator/runtime/logging/log.ts'
import { systemClock as clock, systemRandom as random } from '../../operator/runtime/base/system-clock.ts'
import { createSources } from '../../operator/app/sources.ts'
import { childKinds } from '../../operator/domain/fingerprint.ts'
import type { Cluster } from '../../test/harness/cluster.ts'
import { eventually } from '../../test/harness/wait.ts'
import { Healing } from './healing.ts'
import { adminNews, tenantNews } from './news.ts'
import type { News } from './news.ts'
import { installationName } from './operator.ts'
import { repairsIn } from './repairs.ts'
import type { Style, Terminal } from './terminal.ts'

/** Until the signal aborts. What was there before is not told. `logs`: of the operator. */
export async function follow(
  cluster: Cluster,
  logs: () => Promise<string>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const config = loadKubeConfig({ kubeconfig: cluster.kubeconfigPath })
  const connection = new Connection({ config, clock, userAgent: 'tenantry-demo' })
  const watcher = createClient({ connection, fieldManager: 'tenantry-demo' })
  const sources = createSources(
    { watcher, clock, random, log: silent },
    { namespace: 'tenantry-system', webNamespace: 'tenantry-system-web' },
    installationName,
  )
  const healing = new Healing()
  const repairs = new Repairs(logs, signal)
  let told = false
  const tell = (news: News): void => void (told && terminal.line(lineOf(news, terminal)))
  sources.tenants.onChange((change) => tenantNews(change).forEach(tell))
  sources.admins.onChange((change) => adminNews(change).forEach(tell))
  // The list of who has access changes with them, which is no wound.
  for (const kind of childKinds.filter((each) => each !== 'ConfigMap')) {
    sources.children[kind].onChange((change) => {
      const healed = healing.note(kind, change, performance.now())
      if (change.before?.digest !== change.after?.digest) repairs.changed(`${kind} ${change.key}`)
      if (healed !== undefined) void repairs.has(healed.subject).then((repaired) => repaired && tell(healed))
    })
  }
  const followed = [sources.tenants, sources.admins, ...Object.values(sources.children)]
  const running = followed.map((source) => source.run(signal))
  void Promise.all(followed.map(({ synced }) => synced)).then(() => (told = true))
  await Promise.all(running)
  await connection.close()
}

/** Whether the operator's log says that it has put an object right; each line is an answer once. */
class Repairs {
  readonly #logs: () => Promise<string>
  readonly #signal: AbortSignal
  readonly #told = new Map<string, number>()
  /** The question about each object that is not answered yet. */
  readonly #asked = new Map<string, symbol>()

  constructor(logs: () => Promise<string>, signal: AbortSignal) {
    this.#logs = logs
    this.#signal = signal
  }

  /** The object has changed again: no line to come is about the change before. */
  readonly changed = (subject: string): void => void this.#asked.delete(subject)

  /** Waits for the line; there is none where a person put it right, or the operator replaced it for another reason. */
  async has(subject: string): Promise<boolean> {
    const asked = Symbol(subject)
    this.#asked.set(subject, asked)
    const answer = async (): Promise<'Repaired' | 'Over' | undefined> => {
      const repairs = repairsIn(await this.#logs()).get(subject) ?? 0
      if (this.#signal.aborted || this.#asked.get(subject) !== asked) return 'Over'
      const told = this.#told.get(subject) ?? 0
      if (repairs <= told) return undefined
      this.#told.set(subject, told + 1)
      return 'Repaired'
    }
    const found = eventually(answer, { describe: `the line of a repair of ${subject}` })
    return found.then((each) => each === 'Repaired').catch(() => false)
  }
}

const signs: Readonly<Record<News['tone'], readonly [string, Style]>> = {
  good: ['✔', 'green'],
  bad: ['✘', 'red'],
  plain: ['›', 'cyan'],
}

function lineOf({ tone, subject, text }: News, { paint }: Terminal): string {
  const [sign, style] = signs[tone]
  const time = new Date().toTimeString().slice(0, 8)
  return `${paint(time, 'dim')} ${paint(sign, style)} ${paint(subject.padEnd(14), 'bold')} ${text}`
}
