/**
 * The steps of a name swap. The leader binds the claims of the others, each at the revision that was read; then it
 * writes on its own claim which tenant gets which name, which decides the swap; then each claim is handed over, the
 * leader's last. Before that write everything can be undone; after it everything is carried out. Pure.
 */
import type { Action } from '../model/action.ts'
import { leaderOf } from './swap.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { NameClaim } from '../../domain/caches.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Renaming, SwapCycle } from '../model/renaming.ts'

interface SwapWork {
  readonly actions: readonly Action[]
  readonly verdict: Verdict
}

/**
 * Undefined where the tenant is in no swap. Other problems of the tenant do not matter: the other members would wait
 * for ever.
 */
export function swapWork(snapshot: Snapshot): SwapWork | undefined {
  const { names, renaming, identity } = snapshot
  const { decided, held, cycles, wanted } = renaming
  if (decided.length > 0) return { actions: decisions(snapshot), verdict: swapping }
  const settled = wanted.cloudId === names.cloudId
  const cycle = cycles.cloudId ?? (settled ? cycles.host : undefined)
  const leads = cycle !== undefined && leaderOf(cycle)?.holder === identity.uid
  const undone = unbinding(renaming, leads ? cycle : [])
  const own = held.filter(({ bound }) => bound !== undefined)
  if (leads && own.length === 0) return { actions: [...undone, ...led(cycle)], verdict: swapping }
  if (cycle === undefined && undone.length === 0 && own.length === 0) return undefined
  return { actions: undone, verdict: swapping }
}

/** The same for every swap: another member may be another MSP's customer. */
const swapping: Verdict = {
  reason: 'Renaming',
  message: 'The tenant is swapping names with the holder of the wanted name.',
}

/** A decided swap is carried out: by its leader, or by any member where the leader's Tenant is gone. */
export function decisions({
  renaming: { decided, lost },
  identity,
}: Pick<Snapshot, 'renaming' | 'identity'>): readonly Action[] {
  return decided
    .filter(({ holder }) => holder === identity.uid || lost.has(holder))
    .flatMap((leader) => {
      const claims = leader.handovers.map(({ claim }) => claim)
      return [...claims.filter((claim) => claim !== leader.name), leader.name].map((claim): Action => {
        return { kind: 'HandOver', claim, leader: leader.name }
      })
    })
}

/** Claims that are bound for a swap that is no longer wanted, and own claims whose leader is gone. */
export function unbinding({ led: bound, held, lost }: Renaming, cycle: SwapCycle): readonly Action[] {
  const isWanted = (claim: NameClaim) =>
    cycle.some(({ name }) => name === claim.name) && claim.bound?.to === cycle[0]?.name
  const orphaned = held.filter((claim) => claim.bound !== undefined && lost.has(claim.bound.by))
  return [...bound.filter((claim) => !isWanted(claim)), ...orphaned].flatMap((claim): Action[] =>
    claim.bound === undefined ? [] : [{ kind: 'UnbindClaim', claim: claim.name, leader: claim.bound.to }],
  )
}

function led(cycle: SwapCycle): readonly Action[] {
  const [own, ...others] = cycle
  if (own === undefined) return []
  const members = cycle.map(({ name, holder, revision }) => ({ claim: name, holder, revision }))
  const claims = others.map(({ name }) => name)
  return [
    ...members.slice(1).map((member): Action => ({ kind: 'BindClaim', ...member, leader: own.name })),
    { kind: 'DecideSwap', leader: own.name, members },
    ...[...claims, own.name].map((claim): Action => ({ kind: 'HandOver', claim, leader: own.name })),
  ]
}
