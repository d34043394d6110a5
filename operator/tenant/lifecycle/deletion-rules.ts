/**
 * The rules, in order, that say what becomes of a deleted Tenant and its data. The deletion and its dry run both ask
 * them. What delays a removal that they allow (a swap of names, the server, the last dump, the namespace):
 * removal/deletion.ts. Pure.
 */
import { annotations } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import { repeatsName } from '../../runtime/objects/object.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { customerNames } from './customers.ts'
import { heldVerdict, wouldHold } from './deletion-brake.ts'
import { postponedVerdict } from './deletion-grace.ts'

/** What a deletion depends on. */
export type DeletionFacts = Pick<Snapshot, 'tenant' | 'customers' | 'live' | 'brake' | 'grace'>

/**
 * `Kept`: the Tenant goes, and all that was made for it stays. `Refused`: nothing is removed before that is changed.
 * `Postponed`: nothing is removed before the grace period is over.
 */
type DeletionFate =
  | { readonly outcome: 'Removed' }
  | { readonly outcome: 'Kept'; readonly because: string }
  | { readonly outcome: 'Refused'; readonly because: string; readonly verdict: Verdict }
  | { readonly outcome: 'Postponed'; readonly verdict: Verdict }

type Rule = (facts: DeletionFacts) => DeletionFate | undefined

/** Half a sentence each, for the dry run. */
const causes = {
  CustomResourceDefinition: 'the CRD of Tenants is being deleted, so the deletion is not meant for the data',
  Namespace: 'the namespace that the Tenant lies in is being deleted, so the deletion is not meant for the data',
} as const

const kept = (because: string): DeletionFate => ({ outcome: 'Kept', because })

const isProtected: Rule = ({ tenant }) =>
  tenant.spec.deletion.protected
    ? {
        outcome: 'Refused',
        because: 'spec.deletion.protected is true; set it to false first',
        verdict: {
          reason: 'DeletionProtected',
          message:
            'The Tenant is being deleted, but spec.deletion.protected is true. Nothing is removed until it is set to false.',
        },
      }
    : undefined

const hasCustomers: Rule = ({ customers }) => {
  if (customers.length === 0) return undefined
  const names = customerNames(customers)
  return {
    outcome: 'Refused',
    because: `the tenant still has customers (${names}); delete them first`,
    verdict: {
      reason: 'HasCustomers',
      message: `The MSP still has customers: ${names}. Delete them first; until then nothing of the MSP is removed.`,
    },
  }
}

const isHeld: Rule = ({ tenant, brake }) =>
  brake?.kind === 'Hold'
    ? { outcome: 'Refused', because: wouldHold(tenant, brake), verdict: heldVerdict(tenant, brake) }
    : undefined

const isPostponed: Rule = ({ tenant, grace }) =>
  grace && { outcome: 'Postponed', verdict: postponedVerdict(tenant, grace) }

const rules: readonly Rule[] = [
  // Protection comes first before the DELETE, as a policy refuses the request; after it, what keeps the data comes first.
  (facts) => (facts.tenant.metadata.deletionTimestamp === undefined ? isProtected(facts) : undefined),
  ({ live }) => (live?.deletionCause === undefined ? undefined : kept(causes[live.deletionCause])),
  ({ tenant }) => (isUndone(tenant) ? kept(`the annotation ${annotations.undoDeletion} is set`) : undefined),
  ({ tenant }) => (tenant.spec.deletion.policy === 'Retain' ? kept('spec.deletion.policy is Retain') : undefined),
  isProtected,
  hasCustomers,
  isHeld,
  isPostponed,
]

/** The fate of a Tenant that is deleted, or would be. */
export function deletionFate(facts: DeletionFacts): DeletionFate {
  for (const rule of rules) {
    const fate = rule(facts)
    if (fate !== undefined) return fate
  }
  return { outcome: 'Removed' }
}

/** What blocks the removal of a Tenant that is being deleted; undefined where nothing does. */
export function deletionBlocker(facts: DeletionFacts): Verdict | undefined {
  if (facts.tenant.metadata.deletionTimestamp === undefined) return undefined
  const fate = deletionFate(facts)
  return fate.outcome === 'Refused' || fate.outcome === 'Postponed' ? fate.verdict : undefined
}

/** Whether the Tenant goes, and everything that was made for it stays. */
export function keepsData(facts: DeletionFacts): boolean {
  return deletionFate(facts).outcome === 'Kept'
}

/** A removal that has begun is finished: what is gone cannot be kept. */
export function isUndone(tenant: Tenant): boolean {
  return repeatsName(tenant, annotations.undoDeletion) && !hasBegun(tenant)
}

/** Whether something of the tenant may be gone already. */
export function hasBegun({ status }: Tenant): boolean {
  return status?.deletion?.startedAt !== undefined
}

/** Whether the Tenant is being deleted, and nothing blocks it. */
export function isBeingDeleted(facts: DeletionFacts): boolean {
  return facts.tenant.metadata.deletionTimestamp !== undefined && deletionBlocker(facts) === undefined
}
