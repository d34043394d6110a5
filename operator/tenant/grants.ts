/** To whom access to a tenant is granted now, by its AccessGrants; facts like its admins. Pure over the caches. */
import { judge } from '../accessgrant/judge.ts'
import type { AccessGrant } from '../api/accessgrant.ts'
import { timestamp } from '../runtime/clock.ts'
import { keyOf } from '../runtime/object.ts'
import type { Granted, Grants } from './granted.ts'
import type { Seen } from './seen.ts'
import type { TenantCaches } from './sources.ts'

type Facts = Pick<Seen, 'tenant' | 'home' | 'parentAdmins' | 'settings'>

/** `now`: milliseconds since the epoch. */
export function grantsTo(facts: Facts, { grants }: Pick<TenantCaches, 'grants'>, now: number): Grants {
  const { tenant, home, parentAdmins, settings } = facts
  const found = grants
    .by('tenantRef', keyOf(tenant))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((grant) => {
      const masquerades = grant.spec.type === 'Masquerade' ? grants.by('masquerader', grant.spec.username) : []
      const judged = judge({ grant, tenant, home, staff: parentAdmins, masquerades, settings, now })
      return judged.kind === 'Entitled' ? [{ granted: grantedBy(grant, judged), end: judged.end }] : []
    })
    .toSorted(({ granted: one }, { granted: other }) => (one.grant < other.grant ? -1 : 1))
  const ends = found.map(({ end }) => end).filter((end) => end !== undefined)
  return {
    inForce: found.map(({ granted }) => granted),
    turnsAt: ends.length === 0 ? undefined : Math.min(...ends),
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
