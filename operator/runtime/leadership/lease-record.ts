/** The content of a Lease (coordination.k8s.io/v1), as it is written and read. Pure. */
import type { Lease } from '../../kube/resources.ts'

export interface LeaseName {
  readonly namespace: string
  readonly name: string
}

export interface Claim {
  readonly identity: string
  /** Milliseconds. */
  readonly leaseDuration: number
  /** The fencing number: one more than that of any holder before. */
  readonly term: number
  /** Wall time, for people who look at the Lease; no decision depends on it. */
  readonly now: number
}

/** RFC 3339 with microseconds, the form of `metav1.MicroTime`. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z')
}

export function claimed(name: LeaseName, claim: Claim, found?: Lease): Lease {
  const time = microTime(claim.now)
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: found?.metadata ?? name,
    spec: {
      holderIdentity: claim.identity,
      leaseDurationSeconds: Math.ceil(claim.leaseDuration / 1000),
      acquireTime: time,
      renewTime: time,
      leaseTransitions: claim.term,
    },
  }
}

export function renewed(lease: Lease, now: number): Lease {
  return { ...lease, spec: { ...lease.spec, renewTime: microTime(now) } }
}

/** A Lease without a holder: any replica may take it at once. As client-go releases. */
export function released(lease: Lease, now: number): Lease {
  const time = microTime(now)
  return {
    ...lease,
    spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time },
  }
}

export function holderOf(lease: Lease): string {
  return lease.spec?.holderIdentity ?? ''
}

export function termOf(lease: Lease): number {
  return lease.spec?.leaseTransitions ?? 0
}

/** Changes exactly when the holder renews, or the holder changes. */
export function renewalOf(lease: Lease): string {
  return JSON.stringify([holderOf(lease), termOf(lease), lease.spec?.renewTime])
}
