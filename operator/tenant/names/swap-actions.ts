/**
 * The steps of an exchange of names. The leader binds the others' claims, one by one and each only as it was read; then it
 * writes on its own claim who gets what, which decides it; then each claim is handed over, its own last. Before that
 * writing everything can be taken back, after it everything is carried out. Pure.
 */
import type { Action } from '../model/action.ts'
import { leaderOf } from './swap.ts'
import type { Seen } from '../model/snapshot.ts'
import type { Claim } from '../../domain/caches.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Renaming, Ring } from '../model/renaming.ts'

export interface ExchangeWork {
  readonly actions: readonly Action[]
  readonly verdict: Verdict
}

/** Undefined where the tenant is in none. What else is refused to it does not matter: the others would wait for ever. */
export function exchangeWork(seen: Seen): ExchangeWork | undefined {
  const { names, renaming, identity } = seen
  const { decided, held, rings, wanted } = renaming
  if (decided.length > 0) return { actions: decisions(seen), verdict: exchanging }
  const settled = wanted.cloudId === names.cloudId
  const ring = rings.cloudId ?? (settled ? rings.host : undefined)
  const leads = ring !== undefined && leaderOf(ring)?.holder === identity.uid
  const undone = unbinding(renaming, leads ? ring : [])
  const own = held.filter(({ bound }) => bound !== undefined)
  if (leads && own.length === 0) return { actions: [...undone, ...led(ring)], verdict: exchanging }
  if (ring === undefined && undone.length === 0 && own.length === 0) return undefined
  return { actions: undone, verdict: exchanging }
}

/** The same, whoever else is in it: that may be somebody else's customer. */
const exchanging: Verdict = {
  reason: 'Renaming',
  message: 'The name that is asked for is exchanged with the tenant that holds it and asks for another one.',
}

/** What is decided is carried out: by the leader, or by anybody where the leader's Tenant is gone. */
export function decisions({
  renaming: { decided, lost },
  identity,
}: Pick<Seen, 'renaming' | 'identity'>): readonly Action[] {
  return decided
    .filter(({ holder }) => holder === identity.uid || lost.has(holder))
    .flatMap((leader) => {
      const claims = leader.handovers.map(({ claim }) => claim)
      return [...claims.filter((claim) => claim !== leader.name), leader.name].map((claim): Action => {
        return { kind: 'HandOver', claim, leader: leader.name }
      })
    })
}

/** Claims that are bound for an exchange that is not wanted any more, and own ones whose leader is gone. */
export function unbinding({ led: bound, held, lost }: Renaming, ring: Ring): readonly Action[] {
  const isWanted = (claim: Claim) => ring.some(({ name }) => name === claim.name) && claim.bound?.to === ring[0]?.name
  const orphaned = held.filter((claim) => claim.bound !== undefined && lost.has(claim.bound.by))
  return [...bound.filter((claim) => !isWanted(claim)), ...orphaned].flatMap((claim): Action[] =>
    claim.bound === undefined ? [] : [{ kind: 'UnbindClaim', claim: claim.name, leader: claim.bound.to }],
  )
}

function led(ring: Ring): readonly Action[] {
  const [own, ...others] = ring
  if (own === undefined) return []
  const members = ring.map(({ name, holder, revision }) => ({ claim: name, holder, revision }))
  const claims = others.map(({ name }) => name)
  return [
    ...members.slice(1).map((member): Action => ({ kind: 'BindClaim', ...member, leader: own.name })),
    { kind: 'DecideExchange', leader: own.name, members },
    ...[...claims, own.name].map((claim): Action => ({ kind: 'HandOver', claim, leader: own.name })),
  ]
}
