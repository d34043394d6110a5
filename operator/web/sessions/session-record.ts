/** A session, and when it ends by the clock. Pure. */
import type { Person } from '../identity/identity.ts'

export interface Session {
  /** The name of its Secret. */
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly person: Person
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number
  readonly lastSeen: number
  readonly idleEnd: number
  readonly absoluteEnd: number
  /** A secret of this session's forms. */
  readonly csrfKey: string
  /** The password is known to others: nothing is allowed but to change it. */
  readonly mustChange: boolean
  /**
   * What made the person root, which the session does not outlive: the uid of the Secret with the password, or the username at
   * the provider.
   */
  readonly credential: string | undefined
  /** Absent where no OIDC provider opened it. */
  readonly oidc: OidcSession | undefined
}

export interface OidcSession {
  /** The provider's own id of the session, by which it ends it. */
  readonly sid: string | undefined
  /** The provider takes it as a hint when the person signs out. */
  readonly idToken: string | undefined
}

export interface SessionSettings {
  readonly webNamespace: string
  readonly installation: string
  /** Milliseconds without a request after which a session ends. */
  readonly idle: number
  /** Milliseconds after which it ends in any case. */
  readonly absolute: number
  /** Sessions of one account; the oldest ends for the next one. */
  readonly most: number
}

export const defaultSessionSettings = { idle: 30 * 60_000, absolute: 12 * 3_600_000, most: 20 } as const

export function hasEnded({ idleEnd, absoluteEnd }: Pick<Session, 'idleEnd' | 'absoluteEnd'>, now: number): boolean {
  return idleEnd <= now || absoluteEnd <= now
}

/** The session after a request; undefined where the last write is recent enough. */
export function touched<S extends Pick<Session, 'lastSeen' | 'idleEnd' | 'absoluteEnd'>>(
  session: S,
  now: number,
  idle: number,
): S | undefined {
  if (now - session.lastSeen < idle / 10) return undefined
  return { ...session, lastSeen: now, idleEnd: Math.min(now + idle, session.absoluteEnd) }
}

/** The sessions of one account beyond the limit, the oldest first. `opened`: stays, whatever the clocks of others say. */
export function beyondLimit(sessions: readonly Session[], most: number, opened?: string): readonly Session[] {
  const others = sessions.filter(({ name }) => name !== opened)
  const excess = others.length + (opened === undefined ? 0 : 1) - most
  return excess <= 0 ? [] : others.toSorted((one, other) => one.createdAt - other.createdAt).slice(0, excess)
}
