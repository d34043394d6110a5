/** What a tenant may be when all is at rest, as the specs, the clock and its past make it. */
import type { Tenant } from '../../../../operator/api/tenant.ts'
import { wantedPhase } from '../../../model/wanted.ts'
import type { Wanted } from '../../../model/wanted.ts'
import { keptBy, removalBlocker } from './history.ts'
import type { Past } from './history.ts'
import type { Life } from './life.ts'

export interface Outcome {
  /** Whether namespace and database are there. */
  readonly made: boolean
  readonly phase: string
  /** `True Provisioned` */
  readonly ready: string
  readonly stalled: string | undefined
  readonly available: boolean
}

/** `conflict`: the name that it wants and somebody else has, as the reason for which it is told so. None: it should be gone. */
export function outcomes(tenant: Tenant, past: Past, conflict: string | undefined, life: Life): readonly Outcome[] {
  if (tenant.metadata.deletionTimestamp !== undefined) return deleted(tenant, past, life)
  const purge = purgeOf(tenant, past, life)
  const refusal = life.isOrphan(tenant) ? 'Misplaced' : conflict
  const gone = purge === 'no' ? [] : [purged(tenant, refusal)]
  return purge === 'done' ? gone : [...gone, ...living(tenant, past, conflict, life)]
}

/** An MSP's customers and its protection keep it: it lives on, and nothing is begun. */
function deleted(tenant: Tenant, past: Past, life: Life): readonly Outcome[] {
  if (tenant.spec.deletion.policy === 'Retain') return []
  const reason = removalBlocker(tenant, life)
  if (reason === undefined) return []
  const outcome = { phase: 'Deleting', ready: `False ${reason}`, stalled: reason }
  const on = wantedOf(tenant, life) === 'Active'
  return [
    ...(past.mayBeMade ? [{ ...outcome, made: true, available: on }] : []),
    ...(past.mayBePurged ? [{ ...outcome, made: true, available: false }] : []),
    ...(past.isMade && !past.mayBePurged && !past.mayBeRemoved ? [] : [{ ...outcome, made: false, available: false }]),
  ]
}

/** What the spec, the MSP above and the clock ask for now. */
export function wantedOf(tenant: Tenant, life: Life): Wanted {
  return wantedPhase(tenant, parentIn(life, tenant), life.world.clock.now())
}

/** The MSP above; undefined where the tenant lies below none. */
function parentIn(life: Life, tenant: Tenant): Tenant | undefined {
  return life.isOrphan(tenant) ? undefined : life.parentOf(tenant)
}

/** Milliseconds that the passes until there is rest may take. */
const slack = 60_000

function purgeOf(tenant: Tenant, past: Past, life: Life): 'no' | 'maybe' | 'done' {
  if (past.isPurged) return 'done'
  const due = dueOf(tenant, past, life) === 'yes' && keptBy(tenant, life) === undefined && !life.dumpsFail
  if (due && past.isMade) return 'done'
  return past.mayBePurged && past.mayBeMade ? 'maybe' : 'no'
}

/** Whether the time to revive it is over. */
function dueOf({ spec }: Tenant, { archive }: Past, { world }: Life): 'no' | 'maybe' | 'yes' {
  const now = world.clock.now()
  if (spec.state !== 'Archived' || archive === undefined || now < archive.earliest) return 'no'
  return archive.sure && now - slack >= archive.latest ? 'yes' : 'maybe'
}

/** It stays as an object; nothing brings it back. */
function purged({ spec }: Tenant, refusal: string | undefined): Outcome {
  const stalled = spec.state === 'Archived' ? refusal : 'StateNotAllowed'
  return { made: false, phase: 'Purged', ready: readyOf(stalled, 'Purged'), stalled, available: false }
}

function readyOf(stalled: string | undefined, reason: string): string {
  return stalled === undefined ? `True ${reason}` : `False ${stalled}`
}

function living(tenant: Tenant, past: Past, conflict: string | undefined, life: Life): readonly Outcome[] {
  const wanted = wantedOf(tenant, life)
  if (!life.isOrphan(tenant)) return wantedOutcomes(tenant, past, wanted, conflict, life)
  const phases = past.phases.size === 0 ? [wanted] : [...past.phases]
  const left = phases.flatMap((phase) => wantedOutcomes(tenant, past, phase, 'Misplaced', life))
  // A namespace that is deleted by hand is not made again meanwhile.
  const isCut = life.hasDatabase(tenant) && life.namespaceOf(tenant) === undefined
  return [...(isCut ? left.map((each) => ({ ...each, made: false })) : left), ...(past.isMade ? [] : [unfinished])]
}

/** Its making had begun, and is not gone on with while its MSP is not there. */
const unfinished: Outcome = {
  made: false,
  phase: 'Provisioning',
  ready: 'False Misplaced',
  stalled: 'Misplaced',
  available: false,
}

function wantedOutcomes(
  tenant: Tenant,
  past: Past,
  wanted: Wanted,
  stalled: string | undefined,
  life: Life,
): readonly Outcome[] {
  return [
    ...(past.mayBeMade ? there(tenant, past, wanted, stalled, life) : []),
    ...(past.isMade ? [] : notThere(tenant, past, wanted, stalled, parentIn(life, tenant))),
    ...(past.mayBeRemoved ? [lost(wanted, stalled)] : []),
  ]
}

function there(
  tenant: Tenant,
  past: Past,
  wanted: Wanted,
  stalled: string | undefined,
  life: Life,
): readonly Outcome[] {
  const plain = {
    made: true,
    phase: wanted,
    ready: readyOf(stalled, reasonOf(tenant, wanted)),
    stalled,
    available: wanted === 'Active',
  }
  const due = dueOf(tenant, past, life)
  const kept = keptBy(tenant, life)
  const over = [
    ...(kept === undefined ? [] : [{ ...plain, ready: readyOf(stalled, kept) }]),
    ...(kept === undefined && life.dumpsFail ? [{ ...plain, ready: 'False DumpFailed', stalled: 'DumpFailed' }] : []),
  ]
  return { no: [plain], maybe: [plain, ...over], yes: over }[due]
}

/** It was kept when its removal had begun: who takes it over is told that the data is not there. */
function lost(phase: Wanted, refusal: string | undefined): Outcome {
  const stalled = refusal ?? 'DatabaseMissing'
  return { made: false, phase, ready: `False ${stalled}`, stalled, available: false }
}

function reasonOf({ spec }: Tenant, wanted: Wanted): string {
  if (wanted === 'Active') return 'Provisioned'
  return wanted === 'Deactivated' && spec.state === 'Active' ? 'ParentSuspended' : wanted
}

function notThere(
  tenant: Tenant,
  past: Past,
  wanted: Wanted,
  stalled: string | undefined,
  parent: Tenant | undefined,
): readonly Outcome[] {
  const pending = { made: false, phase: 'Pending', stalled, available: false }
  if (stalled !== undefined) return [{ ...pending, ready: `False ${stalled}` }]
  if (wanted !== 'Active') return [{ ...pending, phase: wanted, ready: `True ${reasonOf(tenant, wanted)}` }]
  if (parent?.metadata.deletionTimestamp !== undefined) return [{ ...pending, ready: 'False ParentDeleted' }]
  const waits = tenant.spec.provisioning === 'OnAccept' && !past.isAccepted
  return waits ? [{ ...pending, ready: 'True AwaitingAcceptance' }] : []
}
