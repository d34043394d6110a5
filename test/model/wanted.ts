/**
 * What a Tenant asks for, worked out from its spec, the MSP above it and the clock alone: the measure of random lives, on the
 * pure core and on real servers. It has no line in common with the operator, or it would be wrong where that is. Pure.
 */

/** A Tenant, as far as people write it. */
export interface Declared {
  readonly metadata: { readonly name: string }
  readonly spec?: Readonly<Record<string, unknown>>
}

export const phases = ['Active', 'Archived', 'Deactivated', 'Expired'] as const

export type Wanted = (typeof phases)[number]

/** The phase of a tenant that is there and is not purged. `now`: milliseconds since the epoch. */
export function wantedPhase(own: Declared, parent: Declared | undefined, now: number): Wanted {
  const state = stateOf(own)
  if (state !== 'Active') return state
  if (parent !== undefined && (stateOf(parent) !== 'Active' || hasEnded(parent, now))) return 'Deactivated'
  return hasEnded(own, now) ? 'Expired' : 'Active'
}

export function stateOf({ spec }: Declared): 'Active' | 'Archived' | 'Deactivated' {
  const state = spec?.['state']
  return state === 'Archived' || state === 'Deactivated' ? state : 'Active'
}

/** Milliseconds since the epoch; undefined where the account does not end. */
export function endOf({ spec }: Declared): number | undefined {
  const end = spec?.['expiresAt']
  return typeof end === 'string' ? Date.parse(end) : undefined
}

function hasEnded(tenant: Declared, now: number): boolean {
  const end = endOf(tenant)
  return end !== undefined && end <= now
}

/** What it may be called, as its spec asks. */
export function wantedCloudId({ spec, metadata }: Declared): string {
  const cloudId = spec?.['cloudId']
  return typeof cloudId === 'string' ? cloudId : metadata.name
}

/** `parentHost`: the host name that the MSP above goes by; undefined in a home namespace. */
export function wantedHost(tenant: Declared, parentHost: string | undefined, baseDomain: string): string {
  const given = tenant.spec?.['subdomain']
  const subdomain = typeof given === 'string' ? given : wantedCloudId(tenant)
  const above = parentHost === undefined ? '' : `-${parentHost.split('.')[0]}`
  return `${subdomain}${above}.${baseDomain}`
}
