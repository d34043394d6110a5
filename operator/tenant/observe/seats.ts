/**
 * The tenants that take a seat where seats are limited: the customers of an MSP, the tenants of a DatabaseServer. The
 * claims record each seat; the cache of claims shows a seat that this process has just given away a moment later.
 * Passes of several tenants run side by side, and {@link Seats.take} decides which of them gets the last seat.
 */
import type { NameClaim } from '../../domain/caches.ts'
import { customerLimitOf } from '../../domain/customer-limit.ts'
import type { Cache } from '../../runtime/cache/cache.ts'
import type { Action } from '../model/action.ts'
import type { Decision } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { hasStarted } from '../model/life-stage.ts'

type Claims = Pick<Cache<NameClaim, 'home' | 'server' | 'holder'>, 'by'>

/** A seat that a decision asks for. */
interface Seat {
  /** The namespace that the customers lie in, or the name of the DatabaseServer. */
  readonly where: string
  /** How many seats there are; undefined: no limit. */
  readonly max: number | undefined
}

class Seats {
  readonly #claims: Claims
  readonly #index: 'home' | 'server'
  /** uid → where, until the claims show it. */
  readonly #given = new Map<string, string>()

  constructor(claims: Claims, index: 'home' | 'server') {
    this.#claims = claims
    this.#index = index
  }

  /** The uids of the tenants with a seat there. */
  readonly in = (where: string): ReadonlySet<string> => {
    const recorded = this.#claims.by(this.#index, where).map(({ holder }) => holder)
    const given = [...this.#given].flatMap(([uid, place]) => (place === where ? [uid] : []))
    return new Set([...recorded, ...given])
  }

  /** False when other tenants were quicker since the snapshot was read. */
  take(uid: string, seat: Seat | undefined): boolean {
    if (seat === undefined) return true
    const { where, max } = seat
    this.#forgetRecorded()
    const others = new Set(this.in(where))
    others.delete(uid)
    if (max !== undefined && others.size >= max) return false
    this.#given.set(uid, where)
    return true
  }

  forget(uid: string): void {
    this.#given.delete(uid)
  }

  #forgetRecorded(): void {
    for (const uid of this.#given.keys())
      if (this.#claims.by('holder', uid).some(({ server }) => server !== undefined)) this.#given.delete(uid)
  }
}

/** The seats of both kinds. */
export class TenantSeats {
  readonly #customers: Seats
  readonly #servers: Seats

  constructor(claims: Claims) {
    this.#customers = new Seats(claims, 'home')
    this.#servers = new Seats(claims, 'server')
  }

  /** The uids of the Tenants in this namespace that have begun to be made. */
  readonly customersIn = (namespace: string): ReadonlySet<string> => this.#customers.in(namespace)

  /** Takes the seats that the decision asks for. False when other tenants were quicker: the pass has to be repeated. */
  take(snapshot: Snapshot, decision: Decision): boolean {
    const { uid } = snapshot.identity
    const taken =
      this.#customers.take(uid, customerSeat(snapshot, decision)) &&
      this.#servers.take(uid, serverSeat(snapshot, decision))
    if (!taken) this.forget(uid)
    return taken
  }

  /** The names were not given, or the Tenant is gone: only the recorded claims count. */
  readonly forget = (uid: string): void => {
    this.#customers.forget(uid)
    this.#servers.forget(uid)
  }
}

/** The first action that makes something for a customer of an MSP with a limit asks for it. */
function customerSeat(snapshot: Snapshot, { stages }: Decision): Seat | undefined {
  const { tenant, home } = snapshot
  const max = home.kind === 'Msp' ? customerLimitOf(home.parent)?.max : undefined
  const makes = stages.flat().some(({ target }) => target === 'Database' || target === 'Namespace')
  const deleting = tenant.metadata.deletionTimestamp !== undefined
  if (max === undefined || !makes || deleting || hasStarted(snapshot)) return undefined
  return { where: tenant.metadata.namespace ?? '', max }
}

/** The action that records the tenant's DatabaseServer asks for it. */
function serverSeat({ names, servers }: Snapshot, { stages }: Decision): Seat | undefined {
  if (names.server !== undefined) return undefined
  const actions = stages.flat().flatMap((lane) => lane.actions)
  const where = actions.flatMap((action) => placedBy(action) ?? [])[0]
  if (where === undefined) return undefined
  return { where, max: servers.find(({ metadata }) => metadata.name === where)?.spec.capacity?.maxTenants }
}

function placedBy(action: Action): string | undefined {
  if (action.kind === 'ClaimName') return action.claim.data['server']
  return action.kind === 'RecordPlacement' ? action.server : undefined
}
