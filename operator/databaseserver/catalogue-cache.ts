/**
 * The cache of what the servers report of the tenants' databases. One query per server and interval reads them all; in
 * between, Tenantry assumes the outcome of its own actions, and reads a database by name when an action on it did not
 * finish.
 */
import { isDeepStrictEqual } from 'node:util'

import type { DatabaseNames } from '../api/names.ts'
import { coarseSize, tenantSizeStep } from '../api/size.ts'
import type { PostgresServer, TenantDatabase } from '../postgres/model/port.ts'
import { isDataMissing } from '../postgres/model/shape.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { SizeWatch } from './size-watch.ts'
import { Sizes } from './measured-sizes.ts'
import type { SizeSettings } from './measured-sizes.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

export interface CataloguePorts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly connect: (server: string, signal: AbortSignal) => Promise<PostgresServer>
  readonly sizes: SizeSettings
  /** Throws AnotherServer where the result shows that it is another server; that poll is discarded. */
  readonly judge?: JudgeCatalogue
}

/** `unknown`: the server's identity may not be read. */
export type JudgeCatalogue = (server: string, found: ReadonlyMap<string, ObservedDatabase>, unknown: boolean) => void

/** What is known of one database since a moment (monotonic). A poll that began later replaces it. */
type Note =
  | { readonly kind: 'Invalidated'; readonly since: number }
  | { readonly kind: 'Assumed'; readonly since: number; readonly target: TenantDatabase }
  | { readonly kind: 'Observed'; readonly since: number; readonly observed: ObservedDatabase | undefined }

interface Poll {
  readonly began: number
  /** By owner role. */
  readonly found: ReadonlyMap<string, ObservedDatabase>
}

/** `sizeBytes`: as the last poll measured it. */
export type DatabaseNote =
  | { readonly kind: 'Assumed'; readonly target: TenantDatabase; readonly sizeBytes?: number }
  | { readonly kind: 'Observed'; readonly observed: ObservedDatabase | undefined }

export class Catalogues {
  readonly #ports: CataloguePorts
  readonly #polls = new Map<string, Poll>()
  readonly #polling = new Map<string, Promise<readonly string[]>>()
  /** By server, then by owner role. */
  readonly #notes = new Map<string, Map<string, Note>>()

  /** The tenants whose data is gone, and that are woken when it is back, by server and owner role. */
  readonly #awaited = new Map<string, Map<string, { readonly names: DatabaseNames; readonly uid: string }>>()

  readonly #bounds = new SizeWatch()
  readonly boundSize = this.#bounds.note
  readonly #sizes: Sizes

  constructor(ports: CataloguePorts) {
    this.#ports = ports
    this.#sizes = new Sizes(ports.sizes)
  }

  /** What is known of a database; asks the server when that is nothing, or in doubt. Throws what connecting throws. */
  readonly look = async (server: string, names: DatabaseNames, signal: AbortSignal): Promise<DatabaseNote> => {
    if (this.#polls.get(server) === undefined) await this.poll(server, signal)
    const poll = this.#polls.get(server)
    const note = this.#notes.get(server)?.get(names.owner)
    if (note === undefined || (poll !== undefined && poll.began > note.since)) {
      return { kind: 'Observed', observed: poll?.found.get(names.owner) }
    }
    const measured = sizeField(poll?.found.get(names.owner))
    if (note.kind === 'Assumed') return { kind: 'Assumed', target: note.target, ...measured }
    if (note.kind === 'Observed') return { kind: 'Observed', observed: note.observed }
    const since = this.#ports.clock.monotonic()
    const live = await this.lookLive(server, names, signal)
    const observed = live && { ...measured, ...live }
    this.#note(server, names.owner, { kind: 'Observed', since, observed })
    return { kind: 'Observed', observed }
  }

  /** What exists now. Throws what connecting throws. */
  readonly lookLive = async (
    server: string,
    names: DatabaseNames,
    signal: AbortSignal,
  ): Promise<ObservedDatabase | undefined> => {
    const connection = await this.#ports.connect(server, signal)
    return (await connection.catalogue(signal, [names])).get(names.owner)
  }

  /** What exists now, with its size, for which the server measures all tenants. Throws what connecting throws. */
  readonly measure = async (
    server: string,
    names: DatabaseNames,
    signal: AbortSignal,
  ): Promise<ObservedDatabase | undefined> => {
    const connection = await this.#ports.connect(server, signal)
    return (await connection.catalogue(signal)).get(names.owner)
  }

  /**
   * Every tenant that the last poll found there, by owner role; polls where there was none. Throws what connecting
   * throws.
   */
  readonly surveyOf = async (server: string, signal: AbortSignal): Promise<ReadonlyMap<string, ObservedDatabase>> => {
    if (this.#polls.get(server) === undefined) await this.poll(server, signal)
    return this.lastSeen(server)
  }

  /**
   * The data of the tenant with this uid is gone: each poll asks for it by name, as a restored database may bear no
   * mark.
   */
  readonly awaitReturn = (server: string, names: DatabaseNames, uid: string): void => {
    const awaited = this.#awaited.get(server) ?? new Map<string, { names: DatabaseNames; uid: string }>()
    this.#awaited.set(server, awaited.set(names.owner, { names, uid }))
  }

  /** The Tenant with this uid is gone. */
  readonly forgetTenant = (uid: string): void => {
    this.#bounds.forgetTenant(uid)
    for (const awaited of this.#awaited.values())
      for (const [owner, each] of awaited) if (each.uid === uid) awaited.delete(owner)
  }

  readonly invalidate = (server: string, owner: string): void => {
    this.#note(server, owner, { kind: 'Invalidated', since: this.#ports.clock.monotonic() })
  }

  readonly assume = (server: string, target: TenantDatabase): void => {
    this.#note(server, target.names.owner, { kind: 'Assumed', since: this.#ports.clock.monotonic(), target })
  }

  /** Whether this leadership has polled the server: its first result is no change. */
  readonly wasPolled = (server: string): boolean => this.#polls.has(server)

  /** Every tenant that the last poll found there, by owner role. */
  readonly lastSeen = (server: string): ReadonlyMap<string, ObservedDatabase> =>
    this.#polls.get(server)?.found ?? new Map<string, ObservedDatabase>()

  /** Reads all tenants of a server; the uids of those whose database has changed. Throws what connecting throws. */
  readonly poll = (server: string, signal: AbortSignal, unknown = false): Promise<readonly string[]> => {
    const polling =
      this.#polling.get(server) ?? this.#ask(server, signal, unknown).finally(() => this.#polling.delete(server))
    this.#polling.set(server, polling)
    return polling
  }

  /** The size of all tenants' data on a server, as the last poll measured it; undefined where it could not. */
  readonly sizeOf = (server: string): number | undefined => {
    const sizes = [...(this.#polls.get(server)?.found.values() ?? [])].map(({ sizeBytes }) => sizeBytes)
    const known = sizes.filter((size) => size !== undefined)
    return known.length === 0 ? undefined : known.reduce((sum, size) => sum + size, 0)
  }

  readonly forget = (server: string): void => {
    this.#polls.delete(server)
    this.#notes.delete(server)
    this.#awaited.delete(server)
    this.#bounds.forget(server)
    this.#sizes.forget(server)
  }

  async #ask(server: string, signal: AbortSignal, unknown: boolean): Promise<readonly string[]> {
    const connection = await this.#ports.connect(server, signal)
    const began = this.#ports.clock.monotonic()
    const isMeasured = this.#sizes.isDue(server, began)
    const asked = await connection.catalogue(signal, undefined, isMeasured)
    if (isMeasured) this.#sizes.keep(server, asked, began)
    const surveyed = this.#sizes.fill(server, asked)
    this.#ports.judge?.(server, surveyed, unknown)
    const returned = await this.#returned(server, connection, signal)
    const found = new Map([...surveyed, ...returned.map(({ owner, seen }) => [owner, seen] as const)])
    const before = this.lastSeen(server)
    this.#polls.set(server, { began, found })
    const acted = this.#outdated(server, began)
    const crossed = this.#bounds.crossed(server, found)
    return [...new Set([...changed(before, found, acted), ...returned.map(({ uid }) => uid), ...crossed])]
  }

  /** The tenants whose data was gone and is back. */
  async #returned(server: string, connection: PostgresServer, signal: AbortSignal) {
    const awaited = this.#awaited.get(server)
    if (awaited === undefined || awaited.size === 0) return []
    const names = [...awaited.values()].map((each) => each.names)
    const found = await connection.catalogue(signal, names)
    return [...awaited].flatMap(([owner, each]) => {
      const seen = found.get(owner)
      if (seen === undefined || isDataMissing(each, seen)) return []
      awaited.delete(owner)
      return [{ owner, seen, uid: each.uid }]
    })
  }

  /**
   * Drops what is older than the poll. Returns the tenants whose state Tenantry had assumed: it may have been undone
   * before it was seen.
   */
  #outdated(server: string, began: number): ReadonlySet<string> {
    const notes = this.#notes.get(server) ?? new Map<string, Note>()
    const outdated = [...notes].filter(([, { since }]) => since < began)
    for (const [owner] of outdated) notes.delete(owner)
    // A failed action has a pause of its own, which no look shortens.
    return new Set(outdated.flatMap(([owner, { kind }]) => (kind === 'Assumed' ? [owner] : [])))
  }

  /** A later note stays. */
  #note(server: string, owner: string, note: Note): void {
    const notes = this.#notes.get(server) ?? new Map<string, Note>()
    const known = notes.get(owner)
    if (known === undefined || known.since <= note.since) notes.set(owner, note)
    this.#notes.set(server, notes)
  }
}

function changed(
  before: ReadonlyMap<string, ObservedDatabase>,
  after: ReadonlyMap<string, ObservedDatabase>,
  acted: ReadonlySet<string>,
): readonly string[] {
  const owners = [...new Set([...before.keys(), ...after.keys()])]
  return owners.flatMap((owner) => {
    const [old, now] = [before.get(owner), after.get(owner)]
    if (!acted.has(owner) && isDeepStrictEqual(lasting(old), lasting(now))) return []
    const uid = tenantUidOf(now) ?? tenantUidOf(old)
    return uid === undefined ? [] : [uid]
  })
}

/** Without what changes all the time, and sizes only as far as they are reported. */
function lasting(observed: ObservedDatabase | undefined): unknown {
  if (observed === undefined) return undefined
  const { sessions: _sessions, sizeBytes, ...kept } = observed
  return { ...kept, size: sizeBytes === undefined ? undefined : coarseSize(sizeBytes, undefined, tenantSizeStep) }
}

function sizeField({ sizeBytes }: Partial<ObservedDatabase> = {}): Pick<ObservedDatabase, 'sizeBytes'> {
  return sizeBytes === undefined ? {} : { sizeBytes }
}

/** The uid alone: a mark has only a digest of the tenant's name. */
function tenantUidOf(observed: ObservedDatabase | undefined): string | undefined {
  const { owner, database, logins } = observed ?? {}
  return (owner?.mark ?? database?.mark ?? logins?.a?.mark ?? logins?.b?.mark)?.uid
}
