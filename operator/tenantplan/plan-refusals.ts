/** Tries each edit of a plan once, and an edit that the Kubernetes API refuses again from time to time. */
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Verdict } from '../api/verdict.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { isInForce, planRefusalOf } from '../domain/plan-in-force.ts'

export class PlanRefusals {
  readonly #tryPlan: (plan: TenantPlan) => Promise<Verdict | undefined>
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #retryInterval: number
  /** When a plan with this uid was last refused, under this leadership: monotonic milliseconds. */
  readonly #refusedAt = new Map<string, number>()

  /** `retryInterval`: milliseconds for which a refusal is trusted, whatever else is reported of the plan. */
  constructor(
    tryPlan: (plan: TenantPlan) => Promise<Verdict | undefined>,
    clock: Pick<Clock, 'monotonic'>,
    retryInterval: number,
  ) {
    this.#tryPlan = tryPlan
    this.#clock = clock
    this.#retryInterval = retryInterval
  }

  /**
   * The Kubernetes API's refusal of the plan: from its status, or asked now. Throws KubeError where the API gives no
   * answer.
   */
  async look(plan: TenantPlan): Promise<Verdict | undefined> {
    if (isInForce(plan)) return undefined
    const { uid = '' } = plan.metadata
    const told = planRefusalOf(plan)
    if (told !== undefined && this.#isTrusted(uid)) return told
    const refusal = await this.#tryPlan(plan)
    if (refusal === undefined) this.#refusedAt.delete(uid)
    else this.#refusedAt.set(uid, this.#clock.monotonic())
    return refusal
  }

  /** The plans with other uids are gone. */
  retain(plans: readonly TenantPlan[]): void {
    const uids = new Set(plans.map(({ metadata }) => metadata.uid))
    for (const uid of this.#refusedAt.keys()) if (!uids.has(uid)) this.#refusedAt.delete(uid)
  }

  #isTrusted(uid: string): boolean {
    const at = this.#refusedAt.get(uid)
    return at !== undefined && this.#clock.monotonic() - at < this.#retryInterval
  }
}
