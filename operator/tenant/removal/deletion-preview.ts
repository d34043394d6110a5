/**
 * The preview of a deletion: the rules of a deletion judge one that was not requested, and the answer goes into the
 * status instead of being carried out. What is read for it: observe/deletion-preview-facts.ts. Pure.
 */
import { mostKinds, mostNames } from '../../api/deletion-preview-schema.ts'
import type { DeletionPreview } from '../../api/deletion-preview-schema.ts'
import { durationText } from '../../api/duration.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { databaseRemoval, ownNamespace } from './removal-actions.ts'
import type { Removal } from './removal-actions.ts'
import { heldClaims } from './deletion.ts'
import { lastDumpStep } from './deletion-dump.ts'
import { holdsOn } from '../lifecycle/deletion-holds.ts'
import { deletionFate } from '../lifecycle/deletion-rules.ts'
import { summaryOf } from './deletion-summary.ts'
import type { BeforeRemoval } from './last-dump.ts'
import { requeue } from '../model/decision.ts'
import type { Decision } from '../model/decision.ts'
import { previewRequest } from './preview-request.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { PreviewFacts } from '../model/live-facts.ts'

/** `now`: milliseconds since the epoch. */
export function withDeletionPreview(decision: Decision, snapshot: Snapshot, now: number): Decision {
  const { outlook } = decision
  const { preview, settings, tenant } = snapshot
  if (outlook === undefined) return decision
  if (preview === 'Waiting') return { ...decision, ...requeue(decision.requeueAfter, settings.pollInterval) }
  const answered = (deletionPreview: DeletionPreview | undefined): Decision => ({
    ...decision,
    outlook: { ...outlook, fields: { ...outlook.fields, deletionPreview } },
  })
  if (preview !== undefined) return answered(previewOf(snapshot, preview, now))
  const withdrawn = tenant.status?.deletionPreview !== undefined && previewRequest(tenant) === undefined
  return withdrawn ? answered(undefined) : decision
}

/** The preview of a deletion that would begin now. */
export function previewOf(snapshot: Snapshot, facts: PreviewFacts, now: number): DeletionPreview {
  const { request, live } = facts
  const known: Snapshot = { ...snapshot, databaseState: facts.databaseState, live }
  const then = { ...known, ...holdsThen(known, facts, now) }
  const removal = databaseRemoval(then)
  const step = lastDumpStep(then, live, removal.actions)
  const verdict = outcomeOf(then, removal, dumpBlocker(step, facts))
  const { admins, customers, tenant } = snapshot
  const database = databaseOf(then)
  const namespace = namespaceOf(then, facts)
  const people = admins.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
  const released = verdict.outcome === 'Kept' ? [] : heldClaims(live, snapshot).map(({ value }) => value)
  const found = {
    outcome: verdict.outcome,
    ...(verdict.outcome === 'Kept'
      ? {}
      : { ...graceField(then), ...(step?.kind === 'Take' ? { finalDump: true } : {}) }),
    ...(database === undefined ? {} : { database }),
    ...(namespace === undefined ? {} : { namespace }),
    admins: counted(people),
    ...(tenant.spec.type === 'MSP' ? { customers: counted(customers.map(({ metadata }) => metadata.name)) } : {}),
    releasedNames: released.toSorted().slice(0, mostNames),
  }
  return { request, at: timestamp(now), summary: summaryOf(found, verdict.because), ...found }
}

/** The holds on a deletion that is asked for now, once nothing else refuses it. */
function holdsThen(
  snapshot: Snapshot,
  { recentDeletions }: PreviewFacts,
  now: number,
): Pick<Snapshot, 'brake' | 'grace'> {
  const { metadata, spec } = snapshot.tenant
  const deletionTimestamp = timestamp(now)
  const tenant = {
    ...snapshot.tenant,
    metadata: { ...metadata, deletionTimestamp },
    spec: { ...spec, deletion: { ...spec.deletion, protected: false } },
  }
  const at = Date.parse(deletionTimestamp)
  return holdsOn({ ...snapshot, tenant, customers: [] }, recentDeletions, { now: at, steady: at })
}

function graceField({ grace }: Snapshot): Pick<DeletionPreview, 'grace'> {
  return grace === undefined ? {} : { grace: durationText(grace.in) }
}

function counted(names: readonly string[]) {
  return { count: names.length, names: names.toSorted().slice(0, mostNames) }
}

interface Outcome {
  readonly outcome: DeletionPreview['outcome']
  /** Half a sentence; undefined where everything goes. */
  readonly because?: string
}

/** The rules of the deletion, then what its steps would meet. */
function outcomeOf(snapshot: Snapshot, { blocker }: Removal, withoutDump: string | undefined): Outcome {
  const fate = deletionFate(snapshot)
  if (fate.outcome === 'Kept' || fate.outcome === 'Refused') return fate
  const refusedAs = (because: string): Outcome => ({ outcome: 'Refused', because })
  if (blocker !== undefined) return refusedAs(withoutStop(blocker.message))
  return withoutDump === undefined ? { outcome: 'Removed' } : refusedAs(withoutDump)
}

/** Why the wanted last dump could not be taken, as far as that is known without a rehearsal. */
function dumpBlocker(step: BeforeRemoval | undefined, { keepsDumps }: PreviewFacts): string | undefined {
  if (step?.kind === 'DataLost') return withoutStop(step.verdict.message)
  return step?.kind === 'Take' && !keepsDumps
    ? "a last dump is to be taken first, and no target for dumps is configured; configure one under dumps in the chart's values"
    : undefined
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

/** The recorded database, where the server cannot be asked. */
function databaseOf(snapshot: Snapshot): DeletionPreview['database'] {
  const { names, databaseState } = snapshot
  const { server, database, isolation } = names
  if (server === undefined) return undefined
  const place = {
    server,
    name: database.database,
    ...(isolation === 'Schema' && database.schema !== undefined ? { schema: database.schema } : {}),
  }
  if (databaseState.kind !== 'Observed') return databaseState.kind === 'Unreachable' ? place : undefined
  const { observed } = databaseState
  if (observed === undefined || databaseRemoval(snapshot).actions.length === 0) return undefined
  const { owner, logins } = observed
  const roles = [
    ...(owner === undefined ? [] : [database.owner]),
    ...(logins.a === undefined ? [] : [database.logins.a]),
    ...(logins.b === undefined ? [] : [database.logins.b]),
  ]
  const { sizeBytes, sessions } = observed
  return { ...place, roles, sessions, ...(sizeBytes === undefined ? {} : { sizeBytes: Math.round(sizeBytes) }) }
}

function namespaceOf(snapshot: Snapshot, { live, contents }: PreviewFacts): DeletionPreview['namespace'] {
  const namespace = ownNamespace(snapshot, live)
  if (namespace === undefined) return undefined
  const { counted: found = [], notCounted = [] } = contents ?? {}
  return {
    name: namespace.name,
    objects: found.slice(0, mostKinds).map(({ kind, apiGroup, count }) => {
      return { kind, ...(apiGroup === '' ? {} : { apiGroup }), count }
    }),
    notCounted: notCounted.slice(0, mostKinds),
  }
}
