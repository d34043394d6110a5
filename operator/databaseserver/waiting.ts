/**
 * Which tenants wait for a server that did not answer them. It is looked at soon, and as soon as it answers they are woken;
 * while that does not help, ever more seldom. So a server that comes back is used within moments, and nobody has to ask
 * at an interval of its own.
 */
export interface WaitingPorts {
  /** Looks at this server in `after` milliseconds, if that is not planned for earlier. */
  readonly wakeServer: (server: string, after: number) => void
  /** Makes the Tenant with this uid ready, if there is one. */
  readonly wakeTenant: (uid: string) => void
}

/** Milliseconds until the first look; doubled with each that did not help. */
const firstLook = 250

export class Waiting {
  readonly #ports: WaitingPorts
  readonly #longest: number
  /** Uids by server. */
  readonly #waiting = new Map<string, Set<string>>()
  /** Looks in a row for somebody who waited, by server. */
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

  /** A tenant's work on a server was done: the next trouble there is a new one. */
  readonly used = (server: string): void => {
    this.#looks.delete(server)
  }

  /** The server was looked at. One that answered has those come that waited for it. */
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
