/**
 * An admin whose tenant was replaced: deleted, and another of the same name created. What was given for the one opens no
 * other; the admin is asked again. Which tenant an invite is for stands in status.tenant, and in the label of the acceptance.
 * Pure.
 */
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { adminFor } from '../domain/ownership.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import { awaitsAdoption } from '../domain/invite-due.ts'
import type { InviteVerdict } from '../domain/invite-due.ts'
import type { Count } from './invite/invite.ts'
import type { Snapshot } from './snapshot.ts'

type Facts = Pick<Snapshot, 'admin' | 'home' | 'acceptances'>

/** The uid of the other tenant that the recorded invite was for; undefined: it is for this one, or there is none. */
export function replacedUid({ admin, home, acceptances }: Facts): string | undefined {
  const { invite, tenant } = admin.status ?? {}
  if (home.kind === 'Missing' || invite?.sequence === undefined) return undefined
  const foreign = (uid: string | undefined) => (uid === undefined || home.uids.includes(uid) ? undefined : uid)
  const record = acceptances.find(({ sequence }) => sequence === invite.sequence)
  return foreign(invite.acceptedAt === undefined ? undefined : record?.tenantUid) ?? foreign(tenant?.uid)
}

/** The admin without what was for another tenant. */
export function countedAdmin(facts: Facts): TenantAdmin {
  const { admin, home } = facts
  const uid = replacedUid(facts)
  if (uid === undefined || home.kind === 'Missing') return admin
  const { namespace = '', name } = home.tenant.metadata
  return adminFor(
    { ...admin, status: { observedGeneration: 0, ...admin.status, tenant: { namespace, name, uid } } },
    [],
  )
}

/** No sequence is used twice: an acceptance of each is a Secret of its own, also where the status was lost. */
export function countOf({ admin, acceptances }: Pick<Snapshot, 'admin' | 'acceptances'>): Count {
  const { sequence, lastHandledResend, issued } = admin.status?.invite ?? {}
  const used = [sequence ?? 0, ...acceptances.map((each: Acceptance) => each.sequence)]
  const handled = {
    ...(lastHandledResend === undefined ? {} : { lastHandledResend }),
    ...(issued === undefined ? {} : { issued }),
  }
  return used.length === 1 && sequence === undefined ? handled : { sequence: Math.max(...used), ...handled }
}

/** What is said while the admin is asked anew: why, before what is so. What is in the way by itself is said as ever. */
export function askedAnew(verdict: InviteVerdict, { metadata }: Tenant, earlier: string): InviteVerdict {
  if (!toldAnew.includes(verdict.reason)) return verdict
  const why = `The Tenant ${metadata.name} is another one than the one of that name (uid ${earlier}) that the admin was invited to before. What was accepted for that one opens nothing here, and the admin is invited anew.`
  return { ...verdict, reason: 'TenantReplaced', message: `${why} ${verdict.message}` }
}

const toldAnew: readonly InviteVerdict['reason'][] = ['NotYetActive', 'ResendPostponed', 'Sending', 'AwaitingAnswer']

/** The uid of the tenant in whose place the admin is asked; none while it is to be taken over, which makes it the same. */
export function earlierUid(snapshot: Facts, invite: NonNullable<TenantAdmin['status']>['invite']): string | undefined {
  if (invite !== undefined) return invite.acceptedAt === undefined ? invite.replacedTenantUid : undefined
  return snapshot.home.kind === 'Found' && awaitsAdoption(snapshot.home.tenant) ? undefined : replacedUid(snapshot)
}
