/**
 * The invites that the caches do not show yet: those that are being issued, and those whose TenantAdmin is deleted
 * while its Tenant keeps the count. Passes of several TenantAdmins run side by side: between the read of a count and
 * {@link Issuing.begin} there is no await.
 */
import { tenants } from '../../api/tenant.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { Tally } from '../../api/tally.ts'
import type { Kube } from '../../kube/port.ts'
import { KeyedLock } from '../../runtime/base/keyed-lock.ts'
import { keyOf } from '../../runtime/objects/object.ts'
import { OwnWrites } from '../../runtime/cache/own-writes.ts'
import type { Key } from '../../runtime/queue/reconcile.ts'
import { writeStatus } from '../../runtime/objects/status.ts'
import { countAt, plus } from '../../domain/invites-per-day.ts'

export class Issuing {
  readonly #admins: OwnWrites<TenantAdmin>
  readonly #tenants = new OwnWrites<Tenant>()
  readonly #begun = new Map<Key, { readonly uid: string | undefined; readonly tally: Tally | undefined }>()
  /** The uids of deleted TenantAdmins that are counted at their Tenant. */
  readonly #kept = new Map<Key, string | undefined>()
  /** Writes at a Tenant that run side by side would conflict. */
  readonly #writes = new KeyedLock()

  /** `admins`: the writes of the TenantAdmin reconciler. */
  constructor(admins: OwnWrites<TenantAdmin>) {
    this.#admins = admins
  }

  /** An invite is issued; until {@link end} the write that records it is under way. */
  begin(admin: TenantAdmin, tally: Tally | undefined): void {
    this.#begun.set(keyOf(admin), { uid: admin.metadata.uid, tally })
  }

  end(key: Key): void {
    this.#begun.delete(key)
  }

  /** The TenantAdmin is gone. */
  forget(key: Key): void {
    this.#kept.delete(key)
  }

  /** The admin as the last write left it; its invite may be issued and not written yet. */
  newest(admin: TenantAdmin): { readonly admin: TenantAdmin; readonly issuing: boolean } {
    const key = keyOf(admin)
    const begun = this.#begun.get(key)
    return {
      admin: this.#admins.newest(key, admin) ?? admin,
      issuing: begun !== undefined && begun.uid === admin.metadata.uid,
    }
  }

  /** How many invites the admin got on this day. */
  countOf(admin: TenantAdmin, now: number): number {
    const key = keyOf(admin)
    const { uid } = admin.metadata
    if (this.#kept.has(key) && this.#kept.get(key) === uid) return 0
    const begun = this.#begun.get(key)
    const underWay = begun?.uid === uid ? countAt(begun?.tally, now) : 0
    return Math.max(countAt(this.newest(admin).admin.status?.invite?.issued, now), underWay)
  }

  newestTenant(tenant: Tenant): Tenant {
    return this.#tenants.newest(keyOf(tenant), tenant) ?? tenant
  }

  /** Makes the status of the Tenant count the invites of a deleted admin. @throws KubeError */
  async keep(
    admin: TenantAdmin,
    count: number,
    kube: Pick<Kube, 'patch'>,
    tenant: () => Tenant | undefined,
    now: number,
  ): Promise<void> {
    const found = tenant()
    if (found === undefined || this.#kept.get(keyOf(admin)) === admin.metadata.uid) return
    const key = keyOf(found)
    await this.#writes.run(key, async () => {
      const cached = tenant()
      if (cached === undefined) return
      const newest = this.newestTenant(cached)
      const departedInvites = plus(newest.status?.departedInvites, count, now)
      const status = { observedGeneration: -1, ...newest.status, departedInvites }
      this.#tenants.note(key, newest, await writeStatus(kube, tenants, newest, status))
      this.#kept.set(keyOf(admin), admin.metadata.uid)
    })
  }
}
