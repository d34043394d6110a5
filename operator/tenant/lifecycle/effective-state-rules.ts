/**
 * The effective state of a tenant: whether it may be used now, by its own state, its ancestors' states and time. Pure.
 */
import type { Tenant } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import { purgeBlocker } from './purge-blockers.ts'
import type { PurgeFacts } from './purge-blockers.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { expiryOf, suspendingAncestor } from '../../domain/expiry.ts'
import type { EffectiveState } from '../model/effective-state.ts'

/** Which live reads are made depends on this, so it cannot depend on them. */
type StateFacts = PurgeFacts & Pick<Snapshot, 'license'>

type Rule = (snapshot: StateFacts, now: number) => EffectiveState | undefined

/** A purge that has begun cannot be undone: the data is gone. */
const purged: Rule = ({ tenant }) => {
  if (tenant.status?.purge?.startedAt === undefined) return undefined
  const dump = tenant.status.purge.dump
  const kept = dump === undefined ? '' : ` Its last dump is ${dump} in the configured target.`
  return {
    phase: 'Purged',
    verdict: {
      reason: 'Purged',
      message: `The retention of the archived tenant is over and its data is removed.${kept} Delete the Tenant. To start again, create another one afterwards.`,
    },
  }
}

const archivedVerdict: Verdict = {
  reason: 'Archived',
  message:
    'The tenant is archived: logins and workloads are off. Until status.purgeAfter it is revived by spec.state: Active.',
}

const archived: Rule = (snapshot, now) =>
  snapshot.tenant.spec.state === 'Archived'
    ? { phase: 'Archived', verdict: purgeBlocker(snapshot, now) ?? archivedVerdict }
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

const parentSuspended: Rule = (snapshot, now) => {
  const ancestor = suspendingAncestor(snapshot, now)
  if (ancestor === undefined) return undefined
  return { phase: 'Deactivated', verdict: { reason: 'ParentSuspended', message: parentMessage(ancestor) } }
}

function parentMessage({ metadata, spec }: Tenant): string {
  const why = spec.state === 'Active' ? 'has expired' : `is ${spec.state}`
  return `The parent MSP ${metadata.name} ${why}, so this tenant is off as well. It comes back together with the MSP.`
}

const expired: Rule = (snapshot, now) => {
  const expiry = expiryOf(snapshot)
  if (expiry === undefined || now < expiry.at) return undefined
  const message = `The tenant has expired (status.expiresAt): logins and workloads are off, everything is kept. ${expiry.remedy}`
  return { phase: 'Expired', verdict: { reason: 'Expired', message } }
}

/**
 * The first rule that holds counts: the tenant's own state before its ancestors', as only its own archive ends in a
 * purge.
 */
const rules: readonly Rule[] = [purged, archived, deactivated, parentSuspended, expired]

const active: EffectiveState = {
  phase: 'Active',
  verdict: { reason: 'Provisioned', message: 'The tenant is provisioned.' },
}

/** `now`: milliseconds since the epoch. */
export function effectiveStateOf(snapshot: StateFacts, now: number): EffectiveState {
  for (const rule of rules) {
    const effective = rule(snapshot, now)
    if (effective !== undefined) return effective
  }
  return active
}
