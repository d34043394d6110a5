/** TenantAdmin: invited by mail, accepted on the web, carried over into the status. */
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { MailPace } from '../mail/mail-pace.ts'
import { OwnWrites } from '../runtime/cache/own-writes.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Reconcile, Result } from '../runtime/queue/reconcile.ts'
import { apply, tell } from './apply.ts'
import type { Applied, Hands } from './apply.ts'
import { decide, situate } from './decide.ts'
import { Issuing } from './invite/issuing.ts'
import { happenings, keyLost } from './events.ts'
import { observe } from './observe.ts'
import type { Plan, Situation } from './decision.ts'
import type { TenantAdminPorts } from './ports.ts'
import { postageOf, withRoom } from './allowance.ts'
import type { Seen } from './snapshot.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import { settled } from './status.ts'
import { isKeyLost, tellChange } from './told.ts'

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
    const hands = { ports, settings, writes, issuing, signal }
    const gathered = await observe(admin, ports, settings, issuing)
    const now = ports.clock.now()
    const seen = withRoom(gathered, { caches: ports.caches, issuing, pace }, now, settings)
    const plan = decide(seen, now, settings)
    if (isIssued(seen, plan)) issuing.begin(admin, plan.status?.invite?.issued)
    let giveBack = sentBy(plan) === undefined ? undefined : pace.take(postageOf(seen, ports.caches))
    try {
      const applied = await apply(seen, plan, hands)
      if (applied.outcome?.kind === 'Sent') giveBack = undefined
      return await report(seen, plan, applied, hands)
    } finally {
      giveBack?.()
      issuing.end(key)
    }
  }
}

function isIssued({ admin }: Seen, { status }: Plan): boolean {
  return status !== undefined && status.invite?.sequence !== admin.status?.invite?.sequence
}

async function report(seen: Seen, plan: Plan, applied: Applied, hands: Hands): Promise<Result> {
  const { ports, settings } = hands
  const now = ports.clock.now()
  const sent = sentBy(plan)
  const { status, dueAt } =
    applied.outcome === undefined || sent === undefined
      ? plan
      : settled(
          { ...seen, trouble: ports.mailer.trouble() },
          { ...situate(seen, now, settings), ...sent },
          applied.outcome,
          now,
          settings,
        )
  if (status === undefined) return done
  await tell(applied.admin, status, hands)
  tellChange(ports.log, seen, status)
  for (const happening of happenings(seen.admin, seen.admin.status, status)) ports.events.record(happening)
  if (isKeyLost(seen, status)) ports.events.record(keyLost(seen.admin))
  // Spread, as what expires or was put off together would come up together.
  return dueAt === undefined ? done : { requeueAfter: Math.max(0, dueAt - now) + ports.random.fraction() * 1000 }
}

/** What the plan sends, in place of what was found. */
function sentBy({ actions }: Plan): Partial<Situation> | undefined {
  for (const action of actions) {
    if (action.kind === 'SendInvite')
      return { invite: action.invite, putOff: undefined, heldUntil: undefined, paced: undefined }
    if (action.kind === 'SendWarning') return { warning: action.warning }
  }
  return undefined
}
