/**
 * Opens, finds and ends sessions. Each is a Secret; the cache of them follows by a watch, so that any replica answers, and
 * a restart ends none.
 */
import { sessionName } from '../../api/names.ts'
import { KubeError } from '../../kube/port.ts'
import type { Kube } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import { mapConcurrently } from '../../runtime/base/concurrency.ts'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import type { Cache } from '../../runtime/cache/cache.ts'
import type { Person } from '../identity/identity.ts'
import { isCookie, newCookie } from './session-cookie.ts'
import { sessionOf, sessionSecret } from './session-secret.ts'
import { termOf } from './session-indexes.ts'
import type { SessionIndex, SessionsOf } from './session-indexes.ts'
import { beyondLimit, hasEnded, touched } from './session-record.ts'
import type { Session, SessionSettings } from './session-record.ts'

export interface SessionPorts {
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace' | 'delete'>
  /** `live`: whether the cache follows the server now; if not, sessions are read from the server. */
  readonly sessions: Cache<Session, SessionIndex> & { readonly live: () => boolean }
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'bytes'>
}

export type NewSession = Pick<Session, 'person'> & Partial<Pick<Session, 'mustChange' | 'credential' | 'oidc'>>

/** Deletions at once, where many sessions end together. */
const width = 4
/** Sessions that this process has ended, until the watch has confirmed it. */
const mostRemembered = 10_000
const never = new AbortController().signal

export class SessionStore {
  readonly #ports: SessionPorts
  readonly #settings: SessionSettings
  readonly #ended = new Set<string>()
  constructor(ports: SessionPorts, settings: SessionSettings) {
    this.#ports = ports
    this.#settings = settings
  }

  /** The value of the new cookie. `before`: the cookie that the browser had, whose session ends. */
  async open(opened: NewSession, before?: string): Promise<string> {
    const { clock, random, kube } = this.#ports
    const { idle, absolute, most } = this.#settings
    const now = clock.now()
    const cookie = newCookie(random)
    const name = sessionName(cookie)
    const record = {
      person: opened.person,
      createdAt: now,
      lastSeen: now,
      idleEnd: now + Math.min(idle, absolute),
      absoluteEnd: now + absolute,
      csrfKey: random.bytes(32).toString('base64url'),
      mustChange: opened.mustChange ?? false,
      credential: opened.credential,
      oidc: opened.oidc,
    }
    await kube.create(secrets, sessionSecret(record, { name }, this.#settings))
    const former = await this.find(before)
    if (former !== undefined) await this.#end([former])
    await this.#end(beyondLimit(this.ofAccount(opened.person), most, name))
    return cookie
  }

  /** Undefined for a cookie that is not one of ours, and for a session that has ended. */
  async find(cookie: string | undefined): Promise<Session | undefined> {
    if (!isCookie(cookie)) return undefined
    const name = sessionName(cookie)
    if (this.#ended.has(name)) return undefined
    const session = this.#cached(name) ?? (await this.#read(name))
    return session === undefined || hasEnded(session, this.#ports.clock.now()) ? undefined : session
  }

  /** Whether {@link find} answers without a request to the server. */
  isKnown(cookie: string): boolean {
    return !isCookie(cookie) || this.#cached(sessionName(cookie)) !== undefined
  }

  /** Records that the person was here; writes at most once in a tenth of the idle time. */
  async touch(session: Session): Promise<void> {
    const next = touched(session, this.#ports.clock.now(), this.#settings.idle)
    if (next === undefined || this.#ended.has(session.name)) return
    try {
      await this.#ports.kube.replace(secrets, sessionSecret(next, session, this.#settings))
    } catch (error) {
      // Another request was faster, or ended it; and a session does not fail because its end cannot be moved.
      if (!(error instanceof KubeError)) throw error
    }
  }

  async close(session: Pick<Session, 'name' | 'uid'>): Promise<void> {
    await this.#end([session])
  }

  /** The sessions of one kind that have not ended, the latest first. */
  all(which: SessionsOf): readonly Session[] {
    const now = this.#ports.clock.now()
    return this.#ports.sessions
      .by(...termOf(which))
      .filter((session) => !hasEnded(session, now) && !this.#ended.has(session.name))
      .toSorted((one, other) => other.createdAt - one.createdAt)
  }

  /**
   * The sessions of one account, the latest first. With passwords of Tenantry's these are the ones that the same password
   * opened: two TenantAdmins of one address can have passwords that different people know.
   */
  ofAccount({ provider, subject, admins }: Person): readonly Session[] {
    if (admins === undefined) return this.all({ provider, subject })
    const found = new Map(admins.flatMap((adminUid) => this.all({ adminUid })).map((each) => [each.name, each]))
    return [...found.values()].toSorted((one, other) => other.createdAt - one.createdAt)
  }

  /** Ends all of them but `except`, and returns how many. */
  async closeAll(which: SessionsOf | Person, except?: string): Promise<number> {
    const all = 'groups' in which ? this.ofAccount(which) : this.all(which)
    const found = all.filter(({ name }) => name !== except)
    await this.#end(found)
    return found.length
  }

  #cached(name: string): Session | undefined {
    const { sessions } = this.#ports
    return sessions.live() ? sessions.get(`${this.#settings.webNamespace}/${name}`) : undefined
  }

  async #read(name: string): Promise<Session | undefined> {
    const secret = await this.#ports.kube.get(secrets, { namespace: this.#settings.webNamespace, name })
    return secret === undefined ? undefined : sessionOf(secret)
  }

  async #end(sessions: readonly Pick<Session, 'name' | 'uid'>[]): Promise<void> {
    const { webNamespace: namespace } = this.#settings
    const end = async ({ name, uid }: Pick<Session, 'name' | 'uid'>) => {
      this.#remember(name)
      await this.#ports.kube.delete(secrets, { namespace, name }, { uid })
    }
    await mapConcurrently(sessions, width, end, never)
  }

  #remember(name: string): void {
    this.#ended.add(name)
    for (const oldest of this.#ended) {
      if (this.#ended.size <= mostRemembered) return
      this.#ended.delete(oldest)
    }
  }
}
