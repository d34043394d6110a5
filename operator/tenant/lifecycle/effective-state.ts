/** Whether a tenant may be used now, and if not, why: its own state, those above it, and time. Pure. */
import type { Tenant } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import { purgeObjection } from './purge-blockers.ts'
import type { Seen } from '../model/snapshot.ts'
import { expiryOf } from '../../domain/expiry.ts'
import { suspendingAncestor } from '../model/stage.ts'
import type { Standing } from '../model/standing.ts'

/** Whether its pods are looked at depends on this, so it cannot depend on them. */
export type StandingFacts = Omit<Seen, 'stillness' | 'sleepers' | 'contested'>

type Rule = (seen: StandingFacts, now: number) => Standing | undefined

/** A purge that has begun is not taken back: what is gone is gone. */
const purged: Rule = ({ tenant }) => {
  if (tenant.status?.purge?.startedAt === undefined) return undefined
  const dump = tenant.status.purge.dump
  const kept = dump === undefined ? '' : ` Its last dump is ${dump} in the configured target.`
  return {
    phase: 'Purged',
    verdict: {
      reason: 'Purged',
      message: `The time to revive the tenant is over and its data is gone.${kept} Delete the Tenant; to begin anew, create another one then.`,
    },
  }
}

const archivedVerdict: Verdict = {
  reason: 'Archived',
  message:
    'The tenant is archived: logins and workloads are off. Until status.purgeAfter it is revived by spec.state: Active.',
}

const archived: Rule = (seen, now) =>
  seen.tenant.spec.state === 'Archived'
    ? { phase: 'Archived', verdict: purgeObjection(seen, now) ?? archivedVerdict }
    : undefined

const deactivated: Rule = ({ tenant }) =>
  tenant.spec.state === 'Deactivated'
    ? {
        phase: 'Deactivated',
        verdict: {
          reason: 'Deactivated',
          message:
            'The tenant is deactivated: logins and workloads are off, everything is kept. Set spec.state: Active to bring it back.',
        },
      }
    : undefined

const parentSuspended: Rule = (seen, now) => {
  const ancestor = suspendingAncestor(seen, now)
  if (ancestor === undefined) return undefined
  return { phase: 'Deactivated', verdict: { reason: 'ParentSuspended', message: parentMessage(ancestor) } }
}

function parentMessage({ metadata, spec }: Tenant): string {
  const why = spec.state === 'Active' ? 'has expired' : `is ${spec.state}`
  return `The MSP tenant ${metadata.name} ${why}, so this tenant is off as well. It comes back with it.`
}

const expired: Rule = (seen, now) => {
  const expiry = expiryOf(seen)
  if (expiry === undefined || now < expiry.at) return undefined
  const message = `The tenant has expired (status.expiresAt): logins and workloads are off, everything is kept. ${expiry.remedy}`
  return { phase: 'Expired', verdict: { reason: 'Expired', message } }
}

/** The first that holds counts: the tenant's own words before those of others, as only its own archive ends in a purge. */
const rules: readonly Rule[] = [purged, archived, deactivated, parentSuspended, expired]

const active: Standing = {
  phase: 'Active',
  verdict: { reason: 'Provisioned', message: 'The tenant is provisioned.' },
}

/** `now`: milliseconds since the epoch. */
export function standingOf(seen: StandingFacts, now: number): Standing {
  for (const rule of rules) {
    const standing = rule(seen, now)
    if (standing !== undefined) return standing
  }
  return active
}
