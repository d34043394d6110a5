/**
 * The cause of a failed step of a dump. A program's exit status is 1 whatever the cause, so the cause is looked for:
 * a full disk, a server that is gone, or an object in the database that cannot be read or restored.
 */
import type { InventoryLogin } from '../postgres/reads/inventory.ts'
import { lookForDumpBlockers } from '../postgres/reads/dump-blockers.ts'
import { PostgresError } from '../postgres/model/port.ts'
import type { PostgresServer, TenantDatabase } from '../postgres/model/port.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { Ended } from './child.ts'
import { errorLines, mostTold, primaryLines, quotedIn, unreadable, unrestorable } from './cause.ts'
import { assertRoom } from './file.ts'
import { DumpError } from './port.ts'
import { dumpScope } from './scope.ts'
import { stoppedAt } from './stopped.ts'

/** What a step was about. */
export interface Step {
  readonly target: TenantDatabase
  readonly server: PostgresServer
  /** The login that reads. */
  readonly reader: InventoryLogin
  readonly file: string
  readonly path: string
  readonly ports: { readonly log: Logger }
  readonly signal: AbortSignal
}

type RefusedStep = 'DumpRefused' | 'RestoreRefused'

/** Always throws. */
export async function programFailed(
  reason: RefusedStep,
  program: string,
  { status, stderr }: Ended,
  step: Step,
): Promise<never> {
  const { ports, path, file, server, signal } = step
  const seen = await lookAt(stderr, step)
  const { names } = seen
  ports.log.warn(`${program} failed`, { path, status, errors: errorLines(stderr, names) })
  if (status === undefined) throw new DumpError('Interrupted', `${program} was ended by a signal.`)
  if (program === 'pg_dump' && goneMeanwhile.test(primaryLines(stderr)[0] ?? '')) throw changedMeanwhile()
  await assertRoom(file)
  await server.health(signal)
  const where = stoppedAt(program, stderr, names)
  const sentences = [...seen[reason], ...(where === undefined ? [] : [where])]
  throw new DumpError(reason, `${program} ended with status ${status}.`, undefined, joined(sentences))
}

/** Rows are counted before pg_dump begins, so this is where a missing right to read shows first. Always throws. */
export async function readingFailed(error: unknown, step: Step): Promise<never> {
  // undefined_table
  if (error instanceof PostgresError && error.sqlstate === '42P01') throw changedMeanwhile()
  if (!(error instanceof PostgresError && error.reason === 'InsufficientPrivilege')) throw error
  const { DumpRefused: sentences } = await lookAt('', step)
  step.ports.log.warn('the database of a tenant cannot be read whole', { path: step.path, error: error.message })
  throw new DumpError('DumpRefused', error.message, error, joined(sentences) ?? error.message)
}

/**
 * The catalogue is read in one snapshot, and its relations are opened later: an application makes and drops tables in
 * between.
 */
const goneMeanwhile = /ERROR: {2}(?:relation .* does not exist|could not open relation with OID |cache lookup failed )/

function changedMeanwhile(): DumpError {
  return new DumpError('Interrupted', 'Something in the database was changed while it was read.')
}

/** Empty where the server cannot be asked: then the reason has to be enough. */
async function lookAt(
  stderr: string,
  { target, reader, signal }: Step,
): Promise<Readonly<Record<RefusedStep, readonly string[]>> & { readonly names: ReadonlySet<string> }> {
  try {
    const look = { scope: dumpScope(target), most: mostTold, texts: quotedIn(stderr) }
    const { blockers, names } = await lookForDumpBlockers(reader, look, signal)
    return {
      names,
      DumpRefused: unreadable(blockers, target.names),
      RestoreRefused: unrestorable(blockers, target.names),
    }
  } catch (error) {
    if (error instanceof PostgresError) return { names: new Set(), DumpRefused: [], RestoreRefused: [] }
    throw error
  }
}

function joined(sentences: readonly string[]): string | undefined {
  return sentences.length === 0 ? undefined : sentences.join(' ')
}
