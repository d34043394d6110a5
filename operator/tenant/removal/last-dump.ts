/**
 * The last dump of a tenant's data, without which none of it is removed: at a purge, and at a deletion where that is
 * asked for. A pass of its own records it, and it is looked for again before anything goes. Pure.
 */
import { annotations } from '../../api/names.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Action, DumpAction } from '../model/action.ts'
import { databaseMissing, isDataLost } from '../model/data-loss.ts'
import { removalTarget } from './removal-actions.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { LiveCheck } from '../model/live-facts.ts'
import { lastDumpFailed, lastDumpGone } from '../status/dump-failure.ts'
import { isDumpSkipped } from '../lifecycle/skipped-dump.ts'

export interface LastDump {
  /** The path of the dump that was taken. */
  readonly taken: string | undefined
  /** The path of a dump that is taken now. */
  readonly path: string
  /** Whether something may be gone already: then no further dump is taken. */
  readonly begun: boolean
  /** The verdict while the dump is taken. */
  readonly underWay: Verdict
}

/** What comes before the removal. */
export type BeforeRemoval =
  /** The data is gone, and this removal did not remove it. */
  | { readonly kind: 'DataLost'; readonly verdict: Verdict }
  /** A person has to act. */
  | { readonly kind: 'Stalled'; readonly verdict: Verdict }
  /** The dump is gone from its place: the next pass takes another one. */
  | { readonly kind: 'Gone'; readonly message: string }
  | { readonly kind: 'Take'; readonly action: DumpAction }

/** Undefined where nothing has to precede the removal by these `actions`. */
export function beforeRemoval(
  snapshot: Snapshot,
  live: LiveCheck,
  actions: readonly Action[],
  dump: LastDump,
): BeforeRemoval | undefined {
  const { taken, path, begun, underWay } = dump
  const server = snapshot.names.server ?? ''
  const isOpen = !begun && taken === undefined && !isDumpSkipped(snapshot.tenant)
  if (isOpen && isDataLost(snapshot)) return { kind: 'DataLost', verdict: databaseLost(snapshot, server) }
  if (!actions.some(({ kind }) => kind === 'DropDatabase')) return undefined
  if (isOpen) return { kind: 'Take', action: { kind: 'Dump', server, target: removalTarget(snapshot), path, underWay } }
  return lostDump(live, server, dump)
}

function databaseLost(snapshot: Snapshot, server: string): Verdict {
  const { reason, message } = databaseMissing(snapshot, server)
  return {
    reason,
    message: `${message} If the data is not needed, remove it without a last dump: kubectl annotate tenant ${snapshot.tenant.metadata.name} -n ${snapshot.tenant.metadata.namespace} ${annotations.skipFinalDump}=${snapshot.tenant.metadata.name}.`,
  }
}

/**
 * The decision where the dump is not in its place, or cannot be looked for: nothing is removed. Until the removal has
 * begun another dump is taken; after that, as logins may be gone, an administrator has to say what to do.
 */
function lostDump(
  { dump: found }: LiveCheck,
  server: string,
  { taken = '', begun }: LastDump,
): BeforeRemoval | undefined {
  if (found === undefined || found === 'There') return undefined
  if (found !== 'Gone') return { kind: 'Stalled', verdict: lastDumpFailed(found, server) }
  if (begun) return { kind: 'Stalled', verdict: lastDumpGone(taken) }
  return {
    kind: 'Gone',
    message: `The last dump is no longer at ${taken}: Tenantry takes another one before it removes anything.`,
  }
}
