/** The ports of a command, which tests replace: clock, keys, files, input and output; and its exit codes. */
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
  /** Makes a new file; an existing one is left alone. @throws Failure with a sentence */
  readonly create: (path: string, content: string, mode: number) => Promise<void>
  /** Whether users other than the owner may read it. */
  readonly isShared: (path: string) => Promise<boolean>
}

export const exitCodes = {
  done: 0,
  /** The command failed, or what it checked is not in order. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
} as const

/** A message for the person, in sentences, with the exit code. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: number
  constructor(sentence: string, code: number = exitCodes.failed) {
    super(sentence)
    this.code = code
  }
}
