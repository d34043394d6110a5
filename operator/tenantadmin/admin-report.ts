/** Reports a pass over a TenantAdmin: the status with the outcome of the mail, log lines, Events, and the next look. */
import { done } from '../runtime/queue/reconcile.ts'
import type { Result } from '../runtime/queue/reconcile.ts'
import { isKeyLost, logChange } from './admin-log.ts'
import { patchStatus } from './apply.ts'
import type { Applied, ApplyContext } from './apply.ts'
import { situate } from './decide.ts'
import type { Decision } from './decision.ts'
import { eventsOf, keyLost } from './events.ts'
import { sentBy } from './sent.ts'
import type { Snapshot } from './snapshot.ts'
import { settled } from './status.ts'

export async function report(
  snapshot: Snapshot,
  decision: Decision,
  applied: Applied,
  context: ApplyContext,
): Promise<Result> {
  const { ports, settings } = context
  const now = ports.clock.now()
  const sent = sentBy(decision)
  const { status, dueAt } =
    applied.outcome === undefined || sent === undefined
      ? decision
      : settled(
          { ...snapshot, trouble: ports.mailer.trouble() },
          { ...situate(snapshot, now, settings), ...sent },
          applied.outcome,
          now,
          settings,
        )
  if (status === undefined) return done
  await patchStatus(applied.admin, status, context)
  logChange(ports.log, snapshot, status)
  for (const event of eventsOf(snapshot.admin, snapshot.admin.status, status)) ports.events.record(event)
  if (isKeyLost(snapshot, status)) ports.events.record(keyLost(snapshot.admin))
  // Spread, as admins that expire or were put off together would come back together.
  return dueAt === undefined ? done : { requeueAfter: Math.max(0, dueAt - now) + ports.random.fraction() * 1000 }
}
