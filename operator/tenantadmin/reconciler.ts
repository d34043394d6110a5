/** The reconciler of TenantAdmins: sends invites by mail, and carries acceptances over into the status. */
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { MailPace } from '../mail/mail-pace.ts'
import { OwnWrites } from '../runtime/cache/own-writes.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Reconcile, Result } from '../runtime/queue/reconcile.ts'
import { apply, patchStatus } from './apply.ts'
import type { Applied, ApplyContext } from './apply.ts'
import { decide, situate } from './decide.ts'
import { Issuing } from './invite/issuing.ts'
import { eventsOf, keyLost } from './events.ts'
import { observe } from './observe.ts'
import type { Decision, Situation } from './decision.ts'
import type { TenantAdminPorts } from './ports.ts'
import { mailPartiesOf, withAllowance } from './allowance.ts'
import type { Snapshot } from './snapshot.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import { settled } from './status.ts'
import { isKeyLost, logChange } from './admin-log.ts'

export function createTenantAdminReconciler(ports: TenantAdminPorts, settings: TenantAdminSettings): Reconcile {
  const writes = new OwnWrites<TenantAdmin>()
  const issuing = new Issuing(writes)
  const pace = new MailPace(ports.clock, settings.mailPace)
  return async (key, signal) => {
    const admin = writes.newest(key, ports.caches.admins.get(key))
    if (admin === undefined) {
      issuing.forget(key)
      return done
    }
    const context = { ports, settings, writes, issuing, signal }
    const gathered = await observe(admin, ports, settings, issuing)
    const now = ports.clock.now()
    const snapshot = withAllowance(gathered, { caches: ports.caches, issuing, pace }, now, settings)
    const decision = decide(snapshot, now, settings)
    if (isIssued(snapshot, decision)) issuing.begin(admin, decision.status?.invite?.issued)
    let giveBack = sentBy(decision) === undefined ? undefined : pace.take(mailPartiesOf(snapshot, ports.caches))
    try {
      const applied = await apply(snapshot, decision, context)
      if (applied.outcome?.kind === 'Sent') giveBack = undefined
      return await report(snapshot, decision, applied, context)
    } finally {
      giveBack?.()
      issuing.end(key)
    }
  }
}

function isIssued({ admin }: Snapshot, { status }: Decision): boolean {
  return status !== undefined && status.invite?.sequence !== admin.status?.invite?.sequence
}

async function report(
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

/** What the decision sends, in place of what was found. */
function sentBy({ actions }: Decision): Partial<Situation> | undefined {
  for (const action of actions) {
    if (action.kind === 'SendInvite')
      return { invite: action.invite, putOff: undefined, heldUntil: undefined, paced: undefined }
    if (action.kind === 'SendWarning') return { warning: action.warning }
  }
  return undefined
}
