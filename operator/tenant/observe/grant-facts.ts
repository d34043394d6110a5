/**
 * The users with granted access to a tenant now, by its AccessGrants. Pure over the caches.
 */
import { judge } from '../../accessgrant/terms/judge-grant.ts'
import type { AccessGrant } from '../../api/accessgrant.ts'
import { grantedBindingName } from '../../api/names.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { keyOf } from '../../runtime/objects/object.ts'
import { isOwnChild } from '../../domain/marks.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import type { Granted, Grants } from '../model/grants.ts'
import { grantsTold } from '../../domain/granted-annotation.ts'

type Facts = Pick<Snapshot, 'tenant' | 'identity' | 'home' | 'parentAdmins' | 'children' | 'settings'>

/** `now`: milliseconds since the epoch. */
export function grantsTo(
  { tenant, identity, home, parentAdmins: staff, children, settings }: Facts,
  { grants }: Pick<TenantCaches, 'grants'>,
  now: number,
): Grants {
  const uids = [identity.uid, ...identity.formerUids]
  const binding = children[childId('RoleBinding', grantedBindingName)]
  const told = binding !== undefined && isOwnChild(binding, identity) ? grantsTold(binding.grants) : []
  const found = grants
    .by('tenantRef', keyOf(tenant))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((grant) => {
      const masquerades = grant.spec.type === 'Masquerade' ? grants.by('masquerader', grant.spec.username) : []
      const named = told.includes(grant.metadata.uid ?? '')
      const judged = judge({ grant, tenant, uids, named, home, staff, masquerades, settings, now })
      return judged.kind === 'Entitled' ? [{ granted: grantedBy(grant, judged), end: judged.end }] : []
    })
    .toSorted(({ granted: one }, { granted: other }) => (one.grant < other.grant ? -1 : 1))
  const ends = found.map(({ end }) => end).filter((end) => end !== undefined)
  return {
    inForce: found.map(({ granted }) => granted),
    changesAt: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

function grantedBy(
  grant: AccessGrant,
  { user, end }: { readonly user: string; readonly end: number | undefined },
): Granted {
  const { type, username, reason } = grant.spec
  const until = end === undefined ? undefined : timestamp(end)
  return { grant: keyOf(grant), uid: grant.metadata.uid ?? '', type, user, username, reason, until }
}
