/**
 * The tenants that wait for a server that did not answer them. The server is looked at soon, and then with growing
 * pauses; when it answers, its tenants are woken, so that no tenant polls it.
 */
export interface WaitingPorts {
  /** Looks at this server in `after` milliseconds, if no earlier look is planned. */
  readonly wakeServer: (server: string, after: number) => void
  /** Queues the Tenant with this uid, if there is one. */
  readonly wakeTenant: (uid: string) => void
}

/** Milliseconds until the first look; doubled with each failed one. */
const firstLook = 250

export class Waiting {
  readonly #ports: WaitingPorts
  readonly #longest: number
  /** Uids by server. */
  readonly #waiting = new Map<string, Set<string>>()
  /** Looks in a row for waiting tenants, by server. */
  readonly #looks = new Map<string, number>()

  /** `longest`: milliseconds between two looks at most. */
  constructor(ports: WaitingPorts, longest: number) {
    this.#ports = ports
    this.#longest = longest
  }

  /** A tenant could not do its work on a server. */
  readonly missed = (server: string, uid: string): void => {
    const waiting = this.#waiting.get(server) ?? new Set()
    this.#waiting.set(server, waiting.add(uid))
    this.#ports.wakeServer(server, this.pause(server))
  }

  /** A tenant's work on a server was done: the next failure there is a new one. */
  readonly used = (server: string): void => {
    this.#looks.delete(server)
  }

  /** The server was looked at. If it answered, the tenants that waited for it are woken. */
  readonly looked = (server: string, answered: boolean): void => {
    const waiting = this.#waiting.get(server)
    if (answered && waiting === undefined) this.#looks.delete(server)
    else this.#looks.set(server, (this.#looks.get(server) ?? 0) + 1)
    if (!answered || waiting === undefined) return
    this.#waiting.delete(server)
    for (const uid of waiting) this.#ports.wakeTenant(uid)
  }

  /** Milliseconds until the next look at a server that did not answer. */
  readonly pause = (server: string): number =>
    Math.min(this.#longest, firstLook * 2 ** Math.min(this.#looks.get(server) ?? 0, 20))

  readonly forget = (server: string): void => {
    this.#waiting.delete(server)
    this.#looks.delete(server)
  }
}
