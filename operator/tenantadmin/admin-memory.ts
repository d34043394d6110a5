/**
 * The memory of the reconciler of TenantAdmins between passes, for one leadership: its own writes, and the invites and
 * mails that the caches do not show yet.
 */
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { MailPace } from '../mail/mail-pace.ts'
import { OwnWrites } from '../runtime/cache/own-writes.ts'
import { keyOf } from '../runtime/objects/object.ts'
import { mailPartiesOf } from './allowance.ts'
import type { Decision } from './decision.ts'
import { Issuing } from './invite/issuing.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import type { TenantAdminPorts } from './ports.ts'
import { sentBy } from './sent.ts'
import type { Snapshot } from './snapshot.ts'
import type { Outcome } from './status.ts'

/** An invite and a mail that count from the decision on. At its end the mail that was not sent counts no more. */
interface Attempt extends Disposable {
  conclude(outcome: Outcome | undefined): void
}

export function createAdminMemory({ caches, clock }: TenantAdminPorts, { mailPace }: TenantAdminSettings) {
  const writes = new OwnWrites<TenantAdmin>()
  const issuing = new Issuing(writes)
  const pace = new MailPace(clock, mailPace)
  return {
    writes,
    issuing,
    pace,
    /** To be called with no await since the snapshot was counted. */
    begin(snapshot: Snapshot, decision: Decision): Attempt {
      const { admin } = snapshot
      if (isIssued(snapshot, decision)) issuing.begin(admin, decision.status?.invite?.issued)
      let giveBack = sentBy(decision) === undefined ? undefined : pace.take(mailPartiesOf(snapshot, caches))
      return {
        conclude: (outcome) => {
          if (outcome?.kind === 'Sent') giveBack = undefined
        },
        [Symbol.dispose]: () => {
          giveBack?.()
          issuing.end(keyOf(admin))
        },
      }
    },
  }
}

function isIssued({ admin }: Snapshot, { status }: Decision): boolean {
  return status !== undefined && status.invite?.sequence !== admin.status?.invite?.sequence
}
