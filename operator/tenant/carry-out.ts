/** Carries a decision out: takes the seats that it asks for, applies its actions, and remembers their outcome. */
import { apply } from './apply/apply.ts'
import type { ApplyPorts } from './apply/apply.ts'
import type { ApplyContext } from './apply/apply-context.ts'
import type { CatalogueNotes } from './apply/database-action.ts'
import { occasionOf } from './apply/occasion.ts'
import { plannedThings } from './contests/contested-thing.ts'
import type { Memory } from './memory.ts'
import type { Decision } from './model/decision.ts'
import type { Effect, Outcome } from './model/outcome.ts'
import type { Snapshot } from './model/snapshot.ts'

export type CarryOutPorts = Omit<ApplyPorts, 'notes'> & { readonly catalogue: CatalogueNotes }

interface CarriedOut {
  readonly context: ApplyContext
  readonly outcome: Outcome
}

/** Undefined where another tenant took the last seat since the snapshot: nothing was done. */
export async function carryOut(
  snapshot: Snapshot,
  decision: Decision,
  memory: Memory,
  ports: CarryOutPorts,
  signal: AbortSignal,
): Promise<CarriedOut | undefined> {
  if (!memory.seats.take(snapshot, decision)) return undefined
  expect(snapshot, decision, ports.catalogue)
  const context = contextOf(snapshot, decision, memory, signal)
  const outcome = await apply(decision.stages, context, { ...ports, notes: ports.catalogue })
  remember(snapshot, decision, outcome, memory)
  return { context, outcome }
}

/** Registers what wakes the tenant: a server that can be used again, data that grew. */
function expect({ names, identity }: Snapshot, { size, waitsFor }: Decision, catalogue: CatalogueNotes): void {
  if (size !== undefined) catalogue.boundSize(size.server, names.database.owner, identity.uid, size.bound)
  if (waitsFor !== undefined) catalogue.missed(waitsFor, identity.uid)
}

function contextOf(snapshot: Snapshot, decision: Decision, memory: Memory, signal: AbortSignal): ApplyContext {
  const { writes, adoptionLocks, wanted, contests } = memory
  const { tenant, identity, settings, databaseState } = snapshot
  const { operatorNamespace, webNamespace } = settings
  const occasion = occasionOf(snapshot, decision, wanted.begin(identity.uid, decision.wanted))
  const secrets = { passwords: new Map(), next: new Map() }
  const kept = { writes, adoptionLocks, contests, effects: [] }
  return { tenant, identity, databaseState, operatorNamespace, webNamespace, signal, occasion, ...kept, ...secrets }
}

function remember({ identity }: Snapshot, { wanted, stages }: Decision, outcome: Outcome, memory: Memory): void {
  const { uid } = identity
  if (isNameless(outcome)) memory.seats.forget(uid)
  if (outcome.effects.some(repairsRoles)) memory.login.hurry(uid)
  if (wanted === undefined) return
  memory.wanted.end(uid, wanted, outcome)
  memory.contests.resolve(uid, plannedThings(stages))
}

/** The claims were refused, or not reached. */
function isNameless({ failures, skipped }: Outcome): boolean {
  return skipped.includes('Claims') || failures.some(({ target }) => target === 'Claims')
}

/**
 * Not only as a repair: what a restore brought back goes together with whatever is due, the end of a rotation's grace period
 * say.
 */
function repairsRoles({ action, why }: Effect): boolean {
  return action.kind === 'EnsureRoles' && why !== 'provision' && why !== 'update'
}
