/**
 * When a tenant's account ends: by its license, or else by its spec; in the namespace of an MSP no later than
 * that MSP's spec.customers.latestExpiry. An ancestor's own expiry is not the tenant's: it suspends the tenant while it
 * lasts. Pure; docs/decisions/0014-expiry.md.
 */
import type { Tenant } from '../api/tenant.ts'
import type { Home } from './hierarchy.ts'

export interface Expiry {
  /** Milliseconds since the epoch; whole seconds, as the status has it. */
  readonly at: number
  /** How to move the date, as a sentence. */
  readonly remedy: string
}

/** The facts that an expiry follows from. */
export interface ExpiryFacts {
  readonly tenant: Tenant
  readonly home: Home
  /** The last good license, as operator/license judges it. */
  readonly license?: { readonly granted?: { readonly expiresAt: string } }
}

/** The earliest of the dates that hold for the tenant; undefined where the account does not end. */
export function expiryOf({ tenant, home, license }: ExpiryFacts): Expiry | undefined {
  const bounds = home.kind === 'Msp' ? home.ancestors.map(boundOf) : []
  return [ownExpiry(tenant, license?.granted?.expiresAt), ...bounds]
    .filter((each) => each !== undefined)
    .toSorted((one, other) => one.at - other.at)[0]
}

/** The tenant's own expiry, without the limits of those above it. */
function ownExpiry({ spec }: Tenant, licensedUntil: string | undefined): Expiry | undefined {
  if (spec.license !== undefined)
    return expiryAt(licensedUntil, 'Put a newer license into spec.license to bring it back.')
  return expiryAt(spec.expiresAt, 'Set a later spec.expiresAt to bring it back.')
}

function boundOf({ metadata, spec }: Tenant): Expiry | undefined {
  return expiryAt(
    spec.customers?.latestExpiry,
    `The parent MSP ${metadata.name} may have its customers no longer (its spec.customers.latestExpiry).`,
  )
}

function expiryAt(time: string | undefined, remedy: string): Expiry | undefined {
  return time === undefined ? undefined : { at: Math.floor(Date.parse(time) / 1000) * 1000, remedy }
}

/**
 * Whether an ancestor's account has ended. The ancestor's own pass judges its license and leaves the outcome in its
 * status. `now`: milliseconds since the epoch.
 */
export function hasEnded(ancestor: Tenant, now: number): boolean {
  const own = ownExpiry(ancestor, ancestor.status?.license?.expiresAt)
  return own !== undefined && own.at <= now
}

/** The nearest ancestor that keeps the tenant from being active, if any. */
export function suspendingAncestor({ home }: Pick<ExpiryFacts, 'home'>, now: number): Tenant | undefined {
  if (home.kind !== 'Msp') return undefined
  return home.ancestors.find((ancestor) => ancestor.spec.state !== 'Active' || hasEnded(ancestor, now))
}
