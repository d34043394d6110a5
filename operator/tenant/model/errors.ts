/** Why a pass could not do what it wanted to do, although nothing failed. */
import type { Verdict } from '../../api/verdict.ts'

/** Each has a row in api/failures.ts. */
export type NameReason = 'CloudIdConflict' | 'HostConflict' | 'NamespaceConflict' | 'ObjectConflict' | 'AdoptionRefused'

/** A name that we need is somebody else's. Only a person can change that. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
  readonly reason: NameReason
  /** Who holds it, for the log only: that may be somebody else's customer. */
  readonly holder: string | undefined
  constructor(reason: NameReason, message: string, holder?: string) {
    super(message)
    this.reason = reason
    this.holder = holder
  }
}

/** Somebody else does not leave the object as it is put: it is written again after a pause. */
export class Postponed extends Error {
  override readonly name = 'Postponed'
}

/** What was read to decide is not so any more; the next pass reads it anew. */
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

/** The last dump could not be taken, kept or restored. The data stays. */
export class DumpFailed extends Error {
  override readonly name = 'DumpFailed'
}
