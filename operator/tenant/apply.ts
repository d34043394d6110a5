/**
 * Carries a plan out: stages one after the other, lanes side by side, actions in order. A lane that fails stops; the others
 * of its stage finish, so that trouble with one target does not keep the other waiting.
 */
import { annotations } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import { isDatabaseAction } from './action.ts'
import type { Action, Lane, Stage, Target } from './action.ts'
import { applyDatabaseAction, settle } from './apply-database.ts'
import type { DatabasePorts } from './apply-database.ts'
import { applyKubeAction } from './apply-kube.ts'
import type { KubePorts } from './apply-kube.ts'
import type { OwnWrites } from '../runtime/own-writes.ts'
import type { Identity } from './marks.ts'
import { DumpFailed } from './obstacles.ts'

export interface Failure {
  readonly target: Target
  readonly action: Action
  readonly error: unknown
}

export interface Outcome {
  readonly failures: readonly Failure[]
  /** What was not begun, because something before it failed. */
  readonly skipped: readonly Target[]
  /** The Tenant as it was written last; undefined once its finalizer is gone. */
  readonly tenant: Tenant | undefined
}

/** What the actions of one pass have in common. The Tenant changes under way, and with it its resourceVersion. */
export interface Pass {
  tenant: Tenant | undefined
  readonly writes: OwnWrites<Tenant>
  readonly identity: Identity
  readonly operatorNamespace: string
  readonly signal: AbortSignal
  /** The passwords of Secrets that this pass has read or made, by `namespace/name`; they go no further. */
  readonly passwords: Map<string, string>
}

export type ApplyPorts = KubePorts & DatabasePorts

export async function apply(stages: readonly Stage[], pass: Pass, ports: ApplyPorts): Promise<Outcome> {
  for (const [index, stage] of stages.entries()) {
    const results = await Promise.all(stage.map((lane) => runLane(lane, pass, ports)))
    const failures = results.filter((failure) => failure !== undefined)
    if (failures.length === 0) continue
    const skipped = stages.slice(index + 1).flatMap((later) => later.map(({ target }) => target))
    return { failures, skipped, tenant: pass.tenant }
  }
  return { failures: [], skipped: [], tenant: pass.tenant }
}

async function runLane({ target, actions }: Lane, pass: Pass, ports: ApplyPorts): Promise<Failure | undefined> {
  for (const action of actions) {
    try {
      pass.signal.throwIfAborted()
      if (isDatabaseAction(action)) await applyDatabaseAction(action, pass, ports)
      else if (action.kind === 'Dump') throw new DumpFailed(noTarget)
      else await applyKubeAction(action, pass, ports)
    } catch (error) {
      return { target, action, error }
    }
  }
  const last = actions.at(-1)
  if (last !== undefined && isDatabaseAction(last) && !removes(last)) settle(last, ports)
  return undefined
}

/** A purge without a dump has to be meant. */
const noTarget = `No target for dumps is configured, so the data is kept. Configure one in the chart's values, or let the data go without a dump by the annotation ${annotations.skipFinalDump} with the Tenant's name.`

function removes({ kind }: Action): boolean {
  return kind === 'DisableLogins' || kind === 'TerminateSessions' || kind === 'DropDatabase' || kind === 'DropRoles'
}
