/** The deletion brake's answer on a deletion, by the record and the other Tenants in deletion. Writes nothing. */
import { annotations, deletionRecordName } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { KubeReader } from '../../kube/port.ts'
import { configMaps } from '../../kube/resources.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import type { Clock } from '../../runtime/base/clock.ts'
import type { SteadyClock } from '../../runtime/base/steady-clock.ts'
import { keyOf } from '../../runtime/objects/object.ts'
import { begin, limitOn, expiredFor } from '../lifecycle/deletion-brake.ts'
import { isReleasedByName } from '../lifecycle/deletion-grace.ts'
import { isLoss, losesData } from '../removal/deletion-loss.ts'
import { begunIn } from '../removal/deletion-record.ts'
import { customersOf, ownerOf } from '../../domain/ownership.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantSettings } from '../model/settings.ts'
import { deletingTerm } from '../../domain/caches.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import type { AskedDeletion, BegunDeletion, Brake } from '../model/deletion-hold.ts'
import { isUndone } from '../lifecycle/deletion-rules.ts'

export interface BrakePorts {
  readonly kube: Pick<KubeReader, 'get'>
  readonly caches: Pick<TenantCaches, 'tenants' | 'namespaces'>
  readonly clock: Pick<Clock, 'now'>
  readonly steady: Pick<SteadyClock, 'now'>
}

export type BrakeFacts = Pick<
  Snapshot,
  'tenant' | 'identity' | 'home' | 'customers' | 'live' | 'names' | 'namespace' | 'settings'
>

export class DeletionBrake {
  readonly #ports: BrakePorts

  constructor(ports: BrakePorts) {
    this.#ports = ports
  }

  /**
   * Undefined where nothing would be lost, or nothing holds the deletion. Throws KubeError: without the record nothing
   * begins.
   */
  readonly look = async (facts: BrakeFacts): Promise<Brake | undefined> => {
    const { tenant, settings } = facts
    const { caches, clock, kube } = this.#ports
    if (!losesData(facts) || isReleased(tenant, caches, settings)) return undefined
    const { deletionBrake: limits, operatorNamespace: namespace } = settings
    const { heldAt, because = '' } = tenant.status?.deletion ?? {}
    if (heldAt !== undefined) return this.#hold(heldAt, because, limits.releaseAfter)
    if (limits.installation === 0 && limits.msp === 0) return undefined
    const begun = begunIn(await kube.get(configMaps, { namespace, name: deletionRecordName }))
    const own = askedOf(facts)
    if (begun.some(({ uid }) => uid === own.uid)) return undefined
    const now = clock.now()
    const limit = limitOn(own, this.#others(begun, settings), begun, limits, now)
    if (limit !== undefined) return this.#hold(timestamp(now), limit, limits.releaseAfter)
    // A Tenant that still exists continues by its entry, however long it has to wait for its server.
    const over = expiredFor(own.deletedAt, begun, limits.window, now).filter(
      (uid) => caches.tenants.by('uid', uid).length === 0,
    )
    return { kind: 'Permit', asked: own, deletion: begin(own, now), over }
  }

  /** Undefined once its time is over. */
  #hold(heldAt: string, because: string, releaseAfter: number | undefined): Brake | undefined {
    if (releaseAfter === undefined) return { kind: 'Hold', heldAt, because, released: undefined }
    const at = Date.parse(heldAt) + releaseAfter
    const left = at - this.#ports.steady.now()
    return left <= 0 ? undefined : { kind: 'Hold', heldAt, because, released: { at: timestamp(at), in: left } }
  }

  /** Deletions that are undecided, as far as the caches know. */
  #others(begun: readonly BegunDeletion[], settings: TenantSettings): readonly AskedDeletion[] {
    const { caches } = this.#ports
    const decided = new Set(begun.map(({ uid }) => uid))
    return caches.tenants
      .by('deleting', deletingTerm)
      .filter(({ metadata }) => !decided.has(metadata.uid ?? ''))
      .filter((tenant) => isOpen(tenant, caches) && !isReleased(tenant, caches, settings))
      .map((tenant) => asked(tenant, ownerOf(tenant.metadata.namespace, caches)))
  }
}

/** Whether an administrator released this Tenant, its namespace, or all deletions. */
function isReleased(
  tenant: Tenant,
  { namespaces }: BrakePorts['caches'],
  { operatorNamespace }: TenantSettings,
): boolean {
  const { namespace = '' } = tenant.metadata
  const onNamespace = (of: string) => namespaces.get(of)?.annotations[annotations.releaseDeletion] === of
  return isReleasedByName(tenant) || onNamespace(namespace) || onNamespace(operatorNamespace)
}

function isOpen(tenant: Tenant, caches: BrakePorts['caches']): boolean {
  const { spec, status } = tenant
  const made = status?.namespace !== undefined || status?.database !== undefined
  const kept = spec.deletion.protected || customersOf(tenant, caches).length > 0
  return made && !kept && !isUndone(tenant) && isLoss(tenant) && status?.deletion?.heldAt === undefined
}

function askedOf({ tenant, home }: BrakeFacts): AskedDeletion {
  return asked(tenant, home.kind === 'Msp' ? home.parent : undefined)
}

function asked(tenant: Tenant, msp: Tenant | undefined): AskedDeletion {
  const { uid = '', deletionTimestamp = '' } = tenant.metadata
  return {
    uid,
    tenant: keyOf(tenant),
    deletedAt: deletionTimestamp,
    msp: msp && { uid: msp.metadata.uid ?? '', name: msp.metadata.name },
  }
}
