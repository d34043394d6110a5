/** The rest of a plan's limits: on the admins of a tenant, and on the invites of a day. Over the caches. */
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { adminsDefault } from '../api/plan-admins.ts'
import type { TenantPlan, TenantPlanSpec } from '../api/tenantplan.ts'
import type { MailPace, MailParties } from '../mail/mail-pace.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import { ownerOf } from '../domain/ownership.ts'
import { isCalledFor } from './decide.ts'
import type { Issuing } from './invite/issuing.ts'
import type { TenantAdminCaches } from './ports.ts'
import { addressOf } from '../domain/person.ts'
import { countedAdmin } from './replaced.ts'
import type { Gathered, Snapshot } from './snapshot.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import { countAt } from '../domain/invites-per-day.ts'
import type { AdminTenant } from '../domain/admin-tenant.ts'
import type { Invites } from './invite/invite-outlook.ts'

/** What the tenant's plan allows; without a plan, the defaults of a plan. */
export function allowedOf({ status }: Tenant, plans: Pick<Cache<TenantPlan>, 'get'>): TenantPlanSpec['admins'] {
  const plan = status?.plan === undefined ? undefined : plans.get(status.plan)
  return plan?.spec.admins ?? adminsDefault
}

interface Counts {
  readonly caches: TenantAdminCaches
  readonly issuing: Issuing
  readonly pace: Pick<MailPace, 'wait'>
}

/** To be asked at the moment of the decision, with no await before {@link Issuing.begin}. */
export function withAllowance(
  gathered: Gathered,
  { caches, issuing, pace }: Counts,
  now: number,
  settings: TenantAdminSettings,
): Snapshot {
  const { admin, home } = gathered
  const wait = pace.wait(mailPartiesOf(gathered, caches))
  const deleting = admin.metadata.deletionTimestamp !== undefined
  // An admin who has accepted is not invited again, except to another tenant.
  const accepted = countedAdmin(gathered).status?.invite?.acceptedAt !== undefined
  if (accepted && !deleting) return { ...gathered, ahead: 0, invites: undefined, wait }
  const counts = deleting || isCalledFor(gathered, now, settings)
  return {
    ...gathered,
    // An admin beyond the limit had its password Secret unread: a change of that Secret wakes it as well.
    ahead: isFull(gathered) ? gathered.ahead : aheadOf(gathered, issuing),
    invites: counts ? invitesOf(admin, home, caches, issuing, now) : undefined,
    wait,
  }
}

/** Whether the admins before this one use up the limit. */
export function isFull({ home, ahead }: Pick<Snapshot, 'home' | 'ahead'>): boolean {
  return home.kind === 'Found' && ahead >= home.maxAdmins
}

/**
 * Invited admins stay; of the others the oldest come first, and of the same second the lower uid. Most admins wait for
 * an answer and count already: for them nothing is counted.
 */
export function aheadOf(facts: Pick<Snapshot, 'admin' | 'home' | 'acceptances' | 'others'>, issuing: Issuing): number {
  const { admin, home, others } = facts
  const seeksPlace = countedAdmin(facts).status?.invite?.sequence === undefined
  if (home.kind === 'Missing' || !seeksPlace || admin.metadata.deletionTimestamp !== undefined) return 0
  const { uids } = home
  const mine = since(admin)
  const isInvited = (other: TenantAdmin) => {
    if (other.status?.invite?.sequence !== undefined) return true
    const { admin: newest, issuing: begun } = issuing.newest(other)
    const { tenant, invite } = newest.status ?? {}
    return begun || (invite?.sequence !== undefined && tenant !== undefined && uids.includes(tenant.uid))
  }
  const staying = others.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  return staying.filter((other) => since(other) < mine || isInvited(other)).length
}

function since({ metadata }: TenantAdmin): string {
  return [metadata.creationTimestamp ?? '9999', metadata.uid ?? ''].join(' ')
}

/**
 * The sender of a mail is the tenant whose admins could declare the TenantAdmin, by where it lies; in a home namespace,
 * where only the platform declares TenantAdmins, it is the tenant that the admin is for.
 */
function senderOf(admin: TenantAdmin, home: AdminTenant, caches: TenantAdminCaches): Tenant | undefined {
  return ownerOf(admin.metadata.namespace, caches) ?? (home.kind === 'Found' ? home.tenant : undefined)
}

/** The recipient and the sender of the next mail. */
export function mailPartiesOf(
  { admin, home }: Pick<Snapshot, 'admin' | 'home'>,
  caches: TenantAdminCaches,
): MailParties {
  const { invite } = admin.status ?? {}
  const address = invite?.acceptedAt === undefined ? admin.spec.email : addressOf(admin, invite)
  return { address, tenant: senderOf(admin, home, caches)?.metadata.uid }
}

function invitesOf(
  admin: TenantAdmin,
  home: AdminTenant,
  caches: TenantAdminCaches,
  issuing: Issuing,
  now: number,
): Invites | undefined {
  const found = senderOf(admin, home, caches)
  if (found === undefined) return undefined
  const sender = issuing.newestTenant(found)
  const issued = membersOf(sender, caches).reduce((sum, member) => sum + issuing.countOf(member, now), 0)
  return {
    sender,
    today: issued + countAt(sender.status?.departedInvites, now),
    perDay: allowedOf(sender, caches.plans).invitesPerDay,
  }
}

/** The TenantAdmins whose invites go out in the name of the tenant. */
function membersOf({ metadata, status }: Tenant, caches: TenantAdminCaches): readonly TenantAdmin[] {
  const inside = status?.namespace === undefined ? [] : caches.admins.by('lyingIn', status.namespace)
  const isCustomer = ownerOf(metadata.namespace, caches) !== undefined
  const beside = isCustomer ? [] : caches.admins.by('tenantRef', `${metadata.namespace ?? ''}/${metadata.name}`)
  return [...inside, ...beside]
}
