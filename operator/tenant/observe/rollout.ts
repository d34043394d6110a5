/**
 * Continues an interrupted rollout: the next leader looks at all tenants at once, and puts each off to its turn, once.
 * A tenant that is woken before gets the plan then.
 */
import type { Tenant } from '../../api/tenant.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { Pace } from '../../runtime/base/pace.ts'
import { planRevision } from '../../domain/plan-revision.ts'
import { choosePlan } from '../model/tenant-plan.ts'

export class Rollouts {
  readonly #pace: Pick<Pace, 'next'>
  /** The uids of the tenants that this leadership has looked at. */
  readonly #met = new Set<string>()

  constructor(pace: Pick<Pace, 'next'>) {
    this.#pace = pace
  }

  /** Milliseconds until the tenant's turn; undefined when it is now. */
  delay(tenant: Tenant | undefined, plans: () => readonly TenantPlan[]): number | undefined {
    if (tenant === undefined) return undefined
    const { uid = '', generation, deletionTimestamp } = tenant.metadata
    if (this.#met.has(uid)) return undefined
    this.#met.add(uid)
    const { planRevision: followed, observedGeneration } = tenant.status ?? {}
    const edited = generation !== observedGeneration || deletionTimestamp !== undefined
    if (followed === undefined || edited) return undefined
    const { plan } = choosePlan({ tenant, plans: plans() })
    if (plan === undefined || planRevision(plan) === followed) return undefined
    const wait = this.#pace.next()
    return wait > 0 ? wait : undefined
  }

  forget(uid: string): void {
    this.#met.delete(uid)
  }
}
