/** The granted access to a tenant, as it is now. Frozen data. */
import type { AccessGrant } from '../../api/accessgrant.ts'

/** One AccessGrant that gives access. */
export interface Granted {
  /** `namespace/name` of the AccessGrant. */
  readonly grant: string
  readonly uid: string
  readonly type: AccessGrant['spec']['type']
  /** The Kubernetes user who gets it. */
  readonly user: string
  /** spec.username; for a technician it is the username within the MSP. */
  readonly username: string
  readonly reason: string | undefined
  /** RFC 3339. */
  readonly until: string | undefined
}

export interface Grants {
  /** By name. */
  readonly inForce: readonly Granted[]
  /** When the next grant begins or ends: milliseconds since the epoch. */
  readonly changesAt: number | undefined
}
