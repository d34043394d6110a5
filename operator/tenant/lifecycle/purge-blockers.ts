/**
 * What blocks the purge of an archived tenant whose retention is over: the tenant stays archived. When a purge is due:
 * life-fields.ts; the purge and its last dump: tenant/removal/purge.ts. The brake and the grace period
 * (deletion-holds.ts) hold deletions of Tenants only. Pure.
 */
import { firstOf } from '../../api/verdict.ts'
import type { Check, Verdict } from '../../api/verdict.ts'
import { isEnding, isPurging } from './life-fields.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { customerNames } from './customers.ts'
import { parentKept } from './prerequisites.ts'

/** The facts that can block a purge. */
export type PurgeFacts = Pick<Snapshot, 'tenant' | 'plans' | 'home' | 'customers' | 'live'>

const blockers: readonly Check<PurgeFacts>[] = [
  ({ live }) =>
    live?.deletionCause === undefined
      ? undefined
      : {
          reason: 'PurgeHeld',
          message:
            'The retention of the archived tenant is over, but the CRD of Tenants or the namespace of the Tenant is being deleted: the data is kept.',
        },
  // Nothing else of such a customer is touched either: decide/missing-parent.ts.
  ({ home }) => (home.kind === 'Kept' ? parentKept(home.msp) : undefined),
  ({ customers }) =>
    customers.length === 0
      ? undefined
      : {
          reason: 'HasCustomers',
          message: `The retention of the archived tenant is over, but the MSP still has customers: ${customerNames(customers)}. Delete them first; until then nothing of the MSP is removed.`,
        },
  ({ tenant }) =>
    tenant.spec.deletion.protected || tenant.spec.deletion.policy === 'Retain'
      ? {
          reason: 'PurgeProtected',
          message:
            'The retention of the archived tenant is over, but spec.deletion (protected, or policy Retain) keeps the data. Change it to have the data removed, or set spec.state: Active.',
        }
      : undefined,
]

/** What blocks the purge; undefined until the retention is over, and once a purge has begun. */
export function purgeBlocker(snapshot: PurgeFacts, now: number): Verdict | undefined {
  if (isEnding(snapshot.tenant) || !isPurging(snapshot, now)) return undefined
  return firstOf(blockers, snapshot)
}
