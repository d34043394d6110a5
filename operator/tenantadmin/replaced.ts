/**
 * Admins whose tenant was replaced: deleted, and another of the same name created. Access to the one opens no other,
 * and the admin is invited again. status.tenant and the label of the acceptance say which tenant an invite is for.
 * Pure.
 */
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { adminFor } from '../domain/ownership.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import { awaitsAdoption } from '../domain/invite-waits.ts'
import type { InviteVerdict } from '../domain/invite-waits.ts'
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

/** The admin without an invite that was for another tenant. */
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

/** No sequence is used twice: each acceptance is a Secret of its own, also after a lost status. */
export function countOf({ admin, acceptances }: Pick<Snapshot, 'admin' | 'acceptances'>): Count {
  const { sequence, lastHandledResend, issued } = admin.status?.invite ?? {}
  const used = [sequence ?? 0, ...acceptances.map((each: Acceptance) => each.sequence)]
  const handled = {
    ...(lastHandledResend === undefined ? {} : { lastHandledResend }),
    ...(issued === undefined ? {} : { issued }),
  }
  return used.length === 1 && sequence === undefined ? handled : { sequence: Math.max(...used), ...handled }
}

/**
 * The verdict while the admin is invited again: the cause first, then the state. An independent problem is reported as
 * usual.
 */
export function askedAnew(verdict: InviteVerdict, { metadata }: Tenant, earlier: string): InviteVerdict {
  if (!toldAnew.includes(verdict.reason)) return verdict
  const why = `The Tenant ${metadata.name} is not the one of that name (uid ${earlier}) that the admin was invited to before. The acceptance for that one opens nothing here, and Tenantry invites the admin again.`
  return { ...verdict, reason: 'TenantReplaced', message: `${why} ${verdict.message}` }
}

const toldAnew: readonly InviteVerdict['reason'][] = ['NotYetActive', 'ResendPostponed', 'Sending', 'AwaitingAnswer']

/**
 * The uid of the tenant that this one replaces for the admin; none while it is to be taken over, which makes it the
 * same.
 */
export function earlierUid(snapshot: Facts, invite: NonNullable<TenantAdmin['status']>['invite']): string | undefined {
  if (invite !== undefined) return invite.acceptedAt === undefined ? invite.replacedTenantUid : undefined
  return snapshot.home.kind === 'Found' && awaitsAdoption(snapshot.home.tenant) ? undefined : replacedUid(snapshot)
}
