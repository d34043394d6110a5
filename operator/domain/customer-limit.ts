/** The limit on the customers of an MSP, by the level above it and by its license. Pure. */
import type { Tenant } from '../api/tenant.ts'

export interface CustomerLimit {
  readonly max: number
  /** What sets the limit, for a message. */
  readonly by: 'spec.customers.max' | 'license'
}

/**
 * The lower of the two limits. The license counts as the MSP's status records it, since its customers read nothing
 * else.
 */
export function customerLimitOf({ spec, status }: Tenant): CustomerLimit | undefined {
  const declared = spec.customers?.max
  const licensed = spec.license === undefined ? undefined : status?.license?.customers
  if (licensed !== undefined && licensed < (declared ?? Infinity)) return { max: licensed, by: 'license' }
  return declared === undefined ? undefined : { max: declared, by: 'spec.customers.max' }
}
