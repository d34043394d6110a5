/**
 * Logs in as a tenant now and then, because a tenant can change its own password and no catalogue shows that. Attempts
 * are spread over the interval; a Secret whose password changed is tried at once, and so is that of a tenant whose
 * roles were repaired or whose server was set back: a restore has the passwords of its time.
 */
import { isServerFailure } from '../../databaseserver/server-pool.ts'
import type { PostgresServer } from '../../postgres/model/port.ts'
import type { KubeReader } from '../../kube/port.ts'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import type { Login } from '../model/live-facts.ts'
import { readCredentials } from '../../databaseserver/tenant-credentials.ts'
import type { LoginFacts, LoginProbe } from './ports.ts'

export interface LoginProbePorts {
  readonly clock: Pick<Clock, 'monotonic' | 'now'>
  readonly random: Pick<Random, 'fraction'>
  readonly kube: Pick<KubeReader, 'get'>
  readonly connect: (server: string, signal: AbortSignal) => Promise<PostgresServer>
}

interface Counts {
  /** Refused logins in a row. */
  readonly refusedLogins: number
  /** Attempts in a row to which the server answered neither yes nor no. */
  readonly unanswered: number
}

interface Known extends Counts {
  readonly password: string
  readonly due: number
  /** `setBackAt` of the facts at the last attempt. */
  readonly setBackAt: string | undefined
}

/** Milliseconds after a refused login, or after no answer; doubled each time, up to the interval. */
const firstRetry = 1_000
/** Milliseconds after a repair, in which its pass ends. */
const afterRepair = 200

export class LoginProbes implements LoginProbe {
  readonly #ports: LoginProbePorts
  readonly #interval: number
  readonly #known = new Map<string, Known>()

  /** `interval`: milliseconds. */
  constructor(ports: LoginProbePorts, interval: number) {
    this.#ports = ports
    this.#interval = interval
  }

  readonly probe = async (facts: LoginFacts, signal: AbortSignal): Promise<Login> => {
    const now = this.#ports.clock.monotonic()
    const known = this.#known.get(facts.uid)
    if (known === undefined) this.#schedule(facts, this.#ports.random.fraction() * this.#interval)
    const isDue = known !== undefined && (known.password !== facts.password || now >= known.due)
    if (!isDue && !this.#wasSetBack(facts, known)) return 'NotDue'
    const { refusedLogins = 0, unanswered = 0 } = known ?? {}
    const accepted = await this.#try(facts, signal)
    if (accepted === true) {
      this.#schedule(facts, this.#interval)
      return 'Accepted'
    }
    if (accepted === undefined) {
      this.#schedule(facts, this.#pause(unanswered), { refusedLogins, unanswered: unanswered + 1 })
      return 'NotDue'
    }
    this.#schedule(facts, this.#pause(refusedLogins), { refusedLogins: refusedLogins + 1 })
    return refusedLogins === 0 ? 'Refused' : 'RefusedAgain'
  }

  /** The tenant's roles were repaired: the writer who changed them may have changed a password. */
  hurry(uid: string): void {
    const known = this.#known.get(uid)
    if (known === undefined) return
    const due = Math.min(known.due, this.#ports.clock.monotonic() + afterRepair)
    this.#known.set(uid, { ...known, due })
  }

  /** Milliseconds until the next attempt is due; undefined when none is planned. */
  dueIn(uid: string): number | undefined {
    const known = this.#known.get(uid)
    return known === undefined ? undefined : Math.max(0, known.due - this.#ports.clock.monotonic())
  }

  forget(uid: string): void {
    this.#known.delete(uid)
  }

  /** Since the last attempt, and not so long ago that a regular one has followed. */
  #wasSetBack({ setBackAt }: LoginFacts, known: Known | undefined): boolean {
    if (setBackAt === undefined || setBackAt === known?.setBackAt) return false
    return this.#ports.clock.now() - Date.parse(setBackAt) < this.#interval
  }

  #pause(before: number): number {
    return Math.min(this.#interval, firstRetry * 2 ** before)
  }

  #schedule({ uid, password, setBackAt }: LoginFacts, delay: number, counts: Partial<Counts> = {}): void {
    const due = this.#ports.clock.monotonic() + delay
    this.#known.set(uid, { refusedLogins: 0, unanswered: 0, ...counts, password, due, setBackAt })
  }

  /** Undefined when the server answered neither yes nor no: its own conditions report that. */
  async #try({ server, database, username, secret }: LoginFacts, signal: AbortSignal): Promise<boolean | undefined> {
    try {
      const [connection, live] = await Promise.all([
        this.#ports.connect(server, signal),
        readCredentials(secret, this.#ports.kube),
      ])
      return await connection.probe(database, username, live.password, signal)
    } catch (error) {
      if (isServerFailure(error)) return undefined
      throw error
    }
  }
}
