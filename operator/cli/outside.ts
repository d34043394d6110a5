/** What a command is given of the world: so that it can be tried without one, and nothing is read or written unseen. */
import type { KeyObject } from 'node:crypto'
import type { Clock } from '../runtime/base/clock.ts'

export interface Outside {
  readonly clock: Pick<Clock, 'now'>
  /** A new UUID. */
  readonly uuid: () => string
  /** A new Ed25519 key. */
  readonly newPrivateKey: () => KeyObject
  readonly print: (text: string) => void
  /** A line for the person, beside the output. */
  readonly remark: (text: string) => void
  /** All of standard input. */
  readonly input: () => Promise<string>
  readonly files: Files
  /** Whether the output may have colours. */
  readonly colour: boolean
}

export interface Files {
  /** @throws Failure with a sentence */
  readonly read: (path: string) => Promise<string>
  /** Makes a new file; one that is there already is left alone. @throws Failure with a sentence */
  readonly create: (path: string, content: string, mode: number) => Promise<void>
  /** Whether others than the owner may read it. */
  readonly isShared: (path: string) => Promise<boolean>
}

export const exitCodes = {
  done: 0,
  /** It could not be done, or what was looked at is not as it should be. */
  failed: 1,
  /** It was called in a way that it does not know. */
  usage: 2,
} as const

/** What a person is told, in sentences, and how the program ends then. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: number
  constructor(sentence: string, code: number = exitCodes.failed) {
    super(sentence)
    this.code = code
  }
}
