/**
 * The mail that warns an admin of the tenant's expiry: which one is due, and its record, which is written before it
 * goes. The tenant's pass decides about the warnings (tenant/lifecycle/expiry-warnings.ts), and this reads them from
 * its status. Pure.
 */
import type { Tenant } from '../api/tenant.ts'
import { expiryMessageId } from '../mail/expiry-message.ts'
import type { ExpiryFacts } from '../mail/expiry-message.ts'
import { addressOf } from '../domain/person.ts'
import type { Situation, WarningMail } from './decision.ts'
import type { Snapshot } from './snapshot.ts'
import { isAttemptDue } from './invite/sending.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import { isInForce } from '../domain/admin-state.ts'

/** The record as it should be; undefined: there is nothing to warn of. A newer warning replaces an older one. */
export function warningMail(snapshot: Snapshot, { mailDomain }: TenantAdminSettings): WarningMail | undefined {
  const { admin, home } = snapshot
  const latest = home.kind === 'Found' ? latestWarning(home.tenant) : undefined
  if (latest === undefined) return undefined
  const { daysBefore, expiresAt } = latest
  const own = admin.status?.expiryWarning
  const recorded = own?.expiresAt === expiresAt ? own : undefined
  if (recorded?.daysBefore === daysBefore || !isWarned(snapshot)) return recorded
  const messageId = expiryMessageId(admin.metadata.uid ?? '', Date.parse(expiresAt), daysBefore, mailDomain)
  return { daysBefore, expiresAt, attempts: 0, messageId }
}

/** The nearest warning that was given for the date in effect. */
function latestWarning({ status }: Tenant): { readonly daysBefore: number; readonly expiresAt: string } | undefined {
  return (status?.warnings ?? [])
    .filter(({ expiresAt }) => expiresAt === status?.expiresAt)
    .toSorted((one, other) => one.daysBefore - other.daysBefore)[0]
}

/** Only an admin who could act on it: of the tenant itself, accepted and not turned off. */
function isWarned({ admin, home }: Snapshot): boolean {
  const own = home.kind === 'Found' && admin.status?.tenant?.uid === home.tenant.metadata.uid
  return own && admin.spec.role === 'Admin' && isInForce(admin)
}

/** Whether it goes now. Not for a tenant that is off, or has expired. */
export function isWarningDue(
  snapshot: Snapshot,
  mail: WarningMail,
  { notDue }: Pick<Situation, 'notDue'>,
  now: number,
): boolean {
  return notDue === undefined && isWarned(snapshot) && now < Date.parse(mail.expiresAt) && isAttemptDue(mail, now)
}

export function warningFacts(
  { admin, home }: Snapshot,
  { expiresAt, messageId }: WarningMail,
  { productName }: TenantAdminSettings,
): ExpiryFacts {
  const { firstName, lastName, username } = admin.spec
  const [tenant, parent] = home.kind === 'Found' ? [home.tenant, home.parent] : []
  return {
    tenantUid: tenant?.metadata.uid ?? '',
    email: addressOf(admin, admin.status?.invite),
    firstName,
    lastName,
    username,
    tenantName: tenant?.spec.displayName ?? '',
    providerName: parent?.spec.displayName ?? productName,
    productName,
    expiresAt: Date.parse(expiresAt),
    messageId,
  }
}
