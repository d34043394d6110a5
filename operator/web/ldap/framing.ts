/** Cuts what comes from a directory into messages, within limits. Pure. */
import { Malformed, elementLength } from './ber.ts'

export interface FrameLimits {
  /** Bytes of one message. */
  readonly message: number
  /** Bytes of all messages. */
  readonly connection: number
}

export class Framing {
  readonly #limits: FrameLimits
  readonly #pending: Buffer[] = []
  #size = 0
  #total = 0
  /** No message is complete with fewer bytes. */
  #needed = 2

  constructor(limits: FrameLimits) {
    this.#limits = limits
  }

  /** The messages that are complete with this piece. @throws Malformed for what is no message, or exceeds a limit. */
  add(piece: Buffer): readonly Buffer[] {
    this.#pending.push(piece)
    this.#size += piece.length
    this.#total += piece.length
    if (this.#total > this.#limits.connection) throw new Malformed(`more than ${this.#limits.connection} bytes`)
    if (this.#size < this.#needed) return []
    const bytes = Buffer.concat(this.#pending)
    const messages: Buffer[] = []
    let at = 0
    for (let end = this.#endOf(bytes, at); end !== undefined; end = this.#endOf(bytes, at)) {
      messages.push(bytes.subarray(at, end))
      at = end
    }
    this.#pending.length = 0
    this.#pending.push(bytes.subarray(at))
    this.#size = bytes.length - at
    return messages
  }

  /** Whether a message has begun and not ended. */
  get isPartial(): boolean {
    return this.#size > 0
  }

  #endOf(bytes: Buffer, at: number): number | undefined {
    const rest = bytes.subarray(at)
    if (rest.length > 0 && rest.readUInt8(0) !== 0x30) throw new Malformed('a message that is no sequence')
    const length = elementLength(rest)
    if (length !== undefined && length > this.#limits.message)
      throw new Malformed(`a message of more than ${this.#limits.message} bytes`)
    this.#needed = length ?? rest.length + 1
    return length === undefined || length > rest.length ? undefined : at + length
  }
}
