/**
 * Our own last write of a Tenant, until the cache has caught up with it: a pass that began from an older one would decide
 * what was decided before, and fail at the resourceVersion. resourceVersions of one resource grow (KEP-5504).
 */
import type { Tenant } from '../api/tenant.ts'

export class NewestTenants {
  readonly #written = new Map<string, Tenant>()

  /** Remembers what a write gave back. */
  wrote(tenant: Tenant): void {
    const { uid } = tenant.metadata
    if (uid !== undefined) this.#written.set(uid, tenant)
  }

  /** The newer of the two; what the cache has caught up with is forgotten. */
  of(cached: Tenant): Tenant {
    const { uid = '' } = cached.metadata
    const written = this.#written.get(uid)
    if (written === undefined) return cached
    if (isNewer(written, cached)) return written
    this.#written.delete(uid)
    return cached
  }

  forget(uid: string): void {
    this.#written.delete(uid)
  }
}

function isNewer(one: Tenant, other: Tenant): boolean {
  return versionOf(one) > versionOf(other)
}

function versionOf({ metadata }: Tenant): bigint {
  const { resourceVersion = '' } = metadata
  return /^[0-9]+$/.test(resourceVersion) ? BigInt(resourceVersion) : 0n
}
