/** Removes the Secrets of sessions that have ended. Each replica does, slowly; what another was faster at is gone. */
import { KubeError } from '../../kube/port.ts'
import type { Kube } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import { pause } from '../../runtime/base/deadline.ts'
import type { Cache } from '../../runtime/cache/cache.ts'
import type { Logger } from '../../runtime/logging/log.ts'
import { beyondLimit, hasEnded } from './session-record.ts'
import type { Session, SessionSettings } from './session-record.ts'

export interface CollectPorts {
  readonly kube: Pick<Kube, 'delete'>
  readonly sessions: Pick<Cache<Session>, 'values'>
  readonly clock: Clock
  readonly random: Pick<Random, 'fraction'>
  readonly log: Pick<Logger, 'warn'>
}

/** Deletions in one run, and milliseconds between two runs. */
const most = 20
const interval = 60_000

/** The sessions to remove: ended by the clock, or beyond an account's limit. */
export function collectible(sessions: Iterable<Session>, now: number, limit: number): readonly Session[] {
  const byAccount = Map.groupBy(sessions, ({ person: { provider, subject, admins } }) =>
    [provider, subject, ...(admins ?? []).toSorted()].join(' '),
  )
  return [...byAccount.values()].flatMap((all) => {
    const [ended, alive] = [all.filter((each) => hasEnded(each, now)), all.filter((each) => !hasEnded(each, now))]
    return [...ended, ...beyondLimit(alive, limit)]
  })
}

/** One run. A session that was used since it was read stays: its version is the precondition. */
export async function collectSessions(ports: CollectPorts, settings: SessionSettings): Promise<number> {
  const found = collectible(ports.sessions.values(), ports.clock.now(), settings.most)
  const start = Math.floor(ports.random.fraction() * found.length)
  const batch = [...found.slice(start), ...found.slice(0, start)].slice(0, most)
  for (const { name, uid, resourceVersion } of batch) {
    try {
      await ports.kube.delete(secrets, { namespace: settings.webNamespace, name }, { uid, resourceVersion })
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== 'Conflict') throw error
    }
  }
  return batch.length
}

export async function runSessionCollection(
  ports: CollectPorts,
  settings: SessionSettings,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(ports.clock, interval * (0.5 + ports.random.fraction()), signal)
    if (signal.aborted) return
    try {
      await collectSessions(ports, settings)
    } catch (error) {
      ports.log.warn('sessions that have ended could not be removed', { error })
    }
  }
}
