/** The position of a server in its write-ahead log, by which a set-back is noticed: a restore to an earlier time. */
import type { DatabaseServer, DatabaseServerStatus } from '../api/databaseserver.ts'
import type { ServerIdentity } from '../postgres/model/server-facts.ts'
import { timestamp } from '../runtime/base/clock.ts'

/** Where the server was at a look. */
export interface Progress {
  readonly timeline: number
  readonly lsn: string
  /** RFC 3339. */
  readonly seenAt: string
}

/** Bytes of the log that a crash of the server may take back: an incomplete record. */
const tornTail = 64n * 1024n
/** Bytes of the log after which the status records the position again: an idle server costs no write. */
const recordedStep = 64n * 2n ** 20n

/** Bytes since the beginning of the log. `lsn`: `X/Y`, two hexadecimal numbers of 32 bits. */
export function position(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/')
  return BigInt(`0x${high}`) * 2n ** 32n + BigInt(`0x${low}`)
}

/** Undefined for a server in recovery, and where the position may not be read. `now`: milliseconds since the epoch. */
export function progressOf({ timeline, lsn }: ServerIdentity, now: number): Progress | undefined {
  return timeline === undefined || lsn === undefined ? undefined : { timeline, lsn, seenAt: timestamp(now) }
}

export function recordedProgress(status: DatabaseServerStatus | undefined): Progress | undefined {
  const { timeline, lsn, seenAt } = status ?? {}
  if (timeline === undefined || lsn === undefined || seenAt === undefined) return undefined
  return { timeline, lsn, seenAt }
}

/** A lower timeline is a former primary, which lacks what was written since. */
export function isSetBack(before: Progress, now: Progress): boolean {
  return now.timeline < before.timeline || position(now.lsn) + tornTail < position(before.lsn)
}

/** Whether the difference is worth a write of its own. */
export function isFarFrom(before: Progress | undefined, now: Progress): boolean {
  if (before === undefined || before.timeline !== now.timeline) return true
  const [from, to] = [position(before.lsn), position(now.lsn)]
  return to - from >= recordedStep || isSetBack(before, now)
}

/** The exact last look at each server; made for one leadership. */
export class LastLooks {
  readonly #looks = new Map<string, { readonly of: string; readonly progress: Progress }>()

  /** Undefined before the first look at this server. */
  readonly of = (server: DatabaseServer): Progress | undefined => {
    const known = this.#looks.get(server.metadata.name)
    return known?.of === whichOf(server, server.status?.systemIdentifier)
      ? known.progress
      : recordedProgress(server.status)
  }

  readonly keep = (server: DatabaseServer, identifier: string | undefined, progress: Progress): void => {
    this.#looks.set(server.metadata.name, { of: whichOf(server, identifier), progress })
  }

  readonly forget = (server: string): void => {
    this.#looks.delete(server)
  }
}

function whichOf({ metadata }: DatabaseServer, identifier: string | undefined): string {
  return `${metadata.uid ?? ''} ${identifier ?? ''}`
}
