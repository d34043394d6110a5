/**
 * Counts the writes of an action. Actions look first and run only what is missing, so the count shows whether anything
 * was due.
 */
import type { Completion } from './schema.ts'
import type { DatabaseAction, DatabaseEffect } from '../model/port.ts'
import type { Server } from '../session/server.ts'

export class Tally {
  #did: DatabaseEffect['did'] = 'Nothing'
  #directoryLost = false
  #refusedParameters: RefusedParameters = { declared: [], carried: [] }

  /** The same server, whose writes count once they have succeeded. */
  counting(server: Server): Server {
    return {
      ...server,
      transact: async (statements, signal) => {
        await server.transact(statements, signal)
        if (statements.length > 0) this.#wrote()
      },
      command: async (text, signal) => {
        await server.command(text, signal)
        this.#did = 'Created'
      },
      write: async (connection, statement, signal) => {
        await server.write(connection, statement, signal)
        this.#wrote()
      },
    }
  }

  /** For an action that only ends sessions: how many there were. */
  sessions(count: number): void {
    this.#did = count > 0 ? 'Changed' : 'Nothing'
  }

  completed(completion: Completion): void {
    if (completion === 'DirectoryMade') this.#directoryLost = true
  }

  refusedParameters(parameters: RefusedParameters): void {
    this.#refusedParameters = parameters
  }

  /** The commands are CREATE DATABASE and DROP DATABASE. */
  effectOf({ kind }: DatabaseAction): DatabaseEffect {
    const made = kind === 'EnsureDatabase' || kind === 'OpenScratch'
    const did = this.#did === 'Created' && !made ? 'Changed' : this.#did
    return {
      did,
      ...(this.#directoryLost ? { directoryLost: true } : {}),
      ...(this.#refusedParameters.declared.length === 0 ? {} : { refusedParameters: this.#refusedParameters.declared }),
      ...(this.#refusedParameters.carried.length === 0 ? {} : { notCarried: this.#refusedParameters.carried }),
    }
  }

  #wrote(): void {
    if (this.#did === 'Nothing') this.#did = 'Changed'
  }
}

/** The names of parameters that the server refuses: declared ones, and the tenant's own for the other login. */
export interface RefusedParameters {
  readonly declared: readonly string[]
  readonly carried: readonly string[]
}
