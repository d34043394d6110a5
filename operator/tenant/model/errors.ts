/** The errors of actions that are no failure of a port: a taken name, a stale read, a contested object, a dump. */
import type { Verdict } from '../../api/verdict.ts'

/** Each has a row in api/failures.ts. */
export type NameReason = 'CloudIdConflict' | 'HostConflict' | 'NamespaceConflict' | 'ObjectConflict' | 'AdoptionRefused'

/** Another tenant holds a name that this one needs. Only a person can change that. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
  readonly reason: NameReason
  /** The holder, for the log only: it may be another MSP's customer. */
  readonly holder: string | undefined
  constructor(reason: NameReason, message: string, holder?: string) {
    super(message)
    this.reason = reason
    this.holder = holder
  }
}

/** Another writer keeps changing the object back: it is written again after a pause. */
export class Postponed extends Error {
  override readonly name = 'Postponed'
}

/** What the decision was based on has changed; the next pass reads it again. */
export class StaleRead extends Error {
  override readonly name = 'StaleRead'
}

/** The last dump is being taken; its end wakes the tenant. */
export class DumpUnderWay extends StaleRead {
  readonly verdict: Verdict
  constructor(verdict: Verdict) {
    super(verdict.message)
    this.verdict = verdict
  }
}

/** The last dump could not be taken, stored or restored. The data stays. */
export class DumpFailed extends Error {
  override readonly name = 'DumpFailed'
}
