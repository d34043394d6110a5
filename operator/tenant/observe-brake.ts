/** Whether a deletion may begin: what the record and the other Tenants in deletion say of it. Nothing is written here. */
import { annotations, deletionRecordName, finalizer } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import type { KubeReader } from '../kube/port.ts'
import { configMaps } from '../kube/resources.ts'
import { timestamp } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'
import { keyOf } from '../runtime/object.ts'
import { deletionObjection, hasBegun, isUndone, letsGo } from './deletion.ts'
import { begin, limitOn, overFor } from './deletion-brake.ts'
import type { AskedDeletion, BegunDeletion, Brake } from './deletion-brake.ts'
import { begunIn } from './deletion-record.ts'
import { customersOf, ownerOf } from './kinship.ts'
import { hasStarted } from './life.ts'
import type { Seen } from './seen.ts'
import type { TenantSettings } from './settings.ts'
import { deletingTerm } from './sources.ts'
import type { TenantCaches } from './sources.ts'

export interface BrakePorts {
  readonly kube: Pick<KubeReader, 'get'>
  readonly caches: Pick<TenantCaches, 'tenants' | 'namespaces'>
  readonly clock: Clock
}

export type BrakeFacts = Pick<
  Seen,
  'tenant' | 'identity' | 'home' | 'customers' | 'live' | 'names' | 'namespace' | 'settings'
>

export class DeletionBrake {
  readonly #ports: BrakePorts
  /** The two clocks when this leadership began. */
  readonly #began: { readonly wall: number; readonly monotonic: number }

  constructor(ports: BrakePorts) {
    this.#ports = ports
    this.#began = { wall: ports.clock.now(), monotonic: ports.clock.monotonic() }
  }

  /** Undefined where nothing would be lost, or nothing holds it. Throws KubeError: without the record nothing begins. */
  readonly look = async (facts: BrakeFacts): Promise<Brake | undefined> => {
    const { tenant, settings } = facts
    const { caches, clock, kube } = this.#ports
    if (!wouldLose(facts) || isReleased(tenant, caches, settings)) return undefined
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
    // One that is still there goes on by its entry, however long it has to wait for its server.
    const over = overFor(own.deletedAt, begun, limits.window, now).filter(
      (uid) => caches.tenants.by('uid', uid).length === 0,
    )
    return { kind: 'Permit', asked: own, deletion: begin(own, now), over }
  }

  /** Undefined once its time is over. */
  #hold(heldAt: string, because: string, releaseAfter: number | undefined): Brake | undefined {
    if (releaseAfter === undefined) return { kind: 'Hold', heldAt, because, released: undefined }
    const at = Date.parse(heldAt) + releaseAfter
    const left = at - this.#steadyNow()
    return left <= 0 ? undefined : { kind: 'Hold', heldAt, because, released: { at: timestamp(at), in: left } }
  }

  /** The wall clock, but never further on than the monotonic one: one that is set forward releases nothing early. */
  #steadyNow(): number {
    const { clock } = this.#ports
    return Math.min(clock.now(), this.#began.wall + clock.monotonic() - this.#began.monotonic)
  }

  /** About whom nothing is decided yet, as far as the caches know. */
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

/** By a person, for this Tenant, for its namespace, or for all. */
function isReleased(
  { metadata }: Tenant,
  { namespaces }: BrakePorts['caches'],
  { operatorNamespace }: TenantSettings,
): boolean {
  const { namespace = '', name } = metadata
  const onNamespace = (of: string) => namespaces.get(of)?.annotations[annotations.releaseDeletion] === of
  const onTenant = metadata.annotations?.[annotations.releaseDeletion] === name
  return onTenant || onNamespace(namespace) || onNamespace(operatorNamespace)
}

/** Data is lost by a deletion of what was made, that nothing else keeps and that has not begun. */
function wouldLose(facts: BrakeFacts): boolean {
  const { tenant, live, customers } = facts
  if (tenant.metadata.deletionTimestamp === undefined || live === undefined) return false
  const deletion = { tenant, live, customers, brake: undefined }
  return !letsGo(deletion) && deletionObjection(deletion) === undefined && isLoss(tenant) && hasStarted(facts)
}

function isLoss(tenant: Tenant): boolean {
  const { metadata, spec, status } = tenant
  const isBound = metadata.finalizers?.includes(finalizer) === true
  // What a purge has taken is lost already.
  return isBound && spec.deletion.policy !== 'Retain' && status?.purge?.startedAt === undefined && !hasBegun(tenant)
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
