/**
 * The last dump of a tenant's data, without which none of it is removed: at a purge, and at a deletion where that is asked
 * for. It is recorded by a pass of its own, and looked for again before anything goes. Pure.
 */
import { annotations } from '../../api/names.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Action, DumpAction } from '../model/action.ts'
import { databaseMissing, isDataLost } from '../model/provisioned.ts'
import { removalTarget } from './removal-actions.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { LiveCheck } from '../model/live-facts.ts'
import { sentence } from '../status/dump-failure.ts'
import { isDumpSkipped } from '../lifecycle/skipped-dump.ts'

export interface LastDump {
  /** Where the one lies that was taken. */
  readonly taken: string | undefined
  /** Where one goes that is taken now. */
  readonly path: string
  /** Whether something may be gone already: then none is taken any more. */
  readonly begun: boolean
  /** What is said while it is taken. */
  readonly underWay: Verdict
}

/** What comes before the removal. */
export type BeforeRemoval =
  /** The data is gone, and this removal did not take it. */
  | { readonly kind: 'DataLost'; readonly verdict: Verdict }
  /** A person has to do something. */
  | { readonly kind: 'Stalled'; readonly verdict: Verdict }
  /** The one that was taken is gone from its place: another one is taken in the next pass. */
  | { readonly kind: 'Gone'; readonly message: string }
  | { readonly kind: 'Take'; readonly action: DumpAction }

/** Undefined where nothing stands before the removal that these `actions` are. */
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
    message: `${message} Where there is no data to be kept, let it go without a last dump: kubectl annotate tenant ${snapshot.tenant.metadata.name} -n ${snapshot.tenant.metadata.namespace} ${annotations.skipFinalDump}=${snapshot.tenant.metadata.name}.`,
  }
}

/**
 * What is done where the dump that was taken is not in its place, or cannot be looked for: nothing is removed. Until the
 * removal has begun another one is taken; after it, as logins may be gone by then, a person has to say what is to be done.
 */
function lostDump(
  { dump: found }: LiveCheck,
  server: string,
  { taken = '', begun }: LastDump,
): BeforeRemoval | undefined {
  if (found === undefined || found === 'There') return undefined
  const stalled = (message: string): BeforeRemoval => ({ kind: 'Stalled', verdict: { reason: 'DumpFailed', message } })
  if (found !== 'Gone') return stalled(sentence(found, server))
  if (begun) return stalled(goneFor(taken))
  return {
    kind: 'Gone',
    message: `The last dump is no longer at ${taken}: another one is taken before anything is removed.`,
  }
}

function goneFor(path: string): string {
  return `The removal had begun, and the last dump is no longer at ${path}. What is left of the data is kept. Put the dump back, and it goes on by itself, or let the data go without it by the annotation ${annotations.skipFinalDump} with the Tenant's name.`
}
