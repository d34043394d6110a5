/**
 * Which tenants each DatabaseServer has. Their claims record it; what this process has just decided, the cache of claims
 * tells a moment later. Passes of several tenants run side by side: {@link ServerSlots.take} is where one of them becomes
 * the last that spec.capacity.maxTenants has room for.
 */
import type { Cache } from '../../runtime/cache/cache.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { NameClaim } from '../../domain/caches.ts'

type Claims = Pick<Cache<NameClaim, 'server' | 'holder'>, 'by'>

export class ServerSlots {
  readonly #claims: Claims
  /** uid → DatabaseServer, until the claim tells. */
  readonly #begun = new Map<string, string>()

  constructor(claims: Claims) {
    this.#claims = claims
  }

  /** False when others were quicker since `seen` was gathered: the pass has to be repeated. */
  take(snapshot: Snapshot, decision: Decision): boolean {
    const { uid } = snapshot.identity
    const name = snapshot.names.server === undefined ? newPlacement(decision) : undefined
    if (name === undefined) return true
    const { maxTenants } = snapshot.servers.find(({ metadata }) => metadata.name === name)?.spec.capacity ?? {}
    this.#assume()
    if (maxTenants !== undefined && this.#others(name, uid) >= maxTenants) return false
    this.#begun.set(uid, name)
    return true
  }

  /** The names were not given, or the Tenant is gone: what the claims say counts again. */
  leave(uid: string): void {
    this.#begun.delete(uid)
  }

  /** How many tenants but this one are placed there, or about to be. */
  #others(server: string, uid: string): number {
    const recorded = this.#claims.by('server', server).map(({ holder }) => holder)
    const begun = [...this.#begun].flatMap(([each, where]) => (where === server ? [each] : []))
    const all = new Set([...recorded, ...begun])
    all.delete(uid)
    return all.size
  }

  /** What the claims tell by now need not be known here. */
  #assume(): void {
    for (const uid of this.#begun.keys())
      if (this.#claims.by('holder', uid).some(({ server }) => server !== undefined)) this.#begun.delete(uid)
  }
}

/** The server on which the plan records the tenant to be placed. */
function newPlacement({ stages }: Decision): string | undefined {
  const actions = stages.flat().flatMap((lane) => lane.actions)
  return actions
    .map((action) =>
      action.kind === 'ClaimName'
        ? action.claim.data['server']
        : action.kind === 'RecordPlacement'
          ? action.server
          : undefined,
    )
    .find((server) => server !== undefined)
}
