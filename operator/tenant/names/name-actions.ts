/**
 * The actions on the names of a tenant that has some: a new name is claimed, an old one becomes an alias and ends,
 * names are swapped. The claims alone record the progress, so that it goes on after a crash between any two steps.
 * Pure.
 */
import type { Action } from '../model/action.ts'
import { namespaceForeign } from '../validation/problems.ts'
import { cloudIdClaim, hostClaim, recordedPlace } from '../model/name-claim.ts'
import type { ClaimContent } from '../model/name-claim.ts'
import { swapWork } from './swap-actions.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { NameClaim } from '../../domain/caches.ts'
import type { Verdict } from '../../api/verdict.ts'
import { mostAliases } from '../model/naming.ts'

export interface NamesWork {
  readonly actions: readonly Action[]
  /** The former names after the actions. */
  readonly aliases: readonly NameClaim[]
  /** The change in progress; undefined when the tenant has the names that it wants, or those that it can have. */
  readonly verdict: Verdict | undefined
  /** Milliseconds until an alias ends. */
  readonly requeueAfter?: number
}

/** Problems with which a tenant keeps its present names. */
const keeping: readonly Verdict['reason'][] = [
  'Misplaced',
  'SubdomainMissing',
  'SubdomainReserved',
  'CloudIdConflict',
  'HostConflict',
]

/** Whether the problem concerns the wanted names only, and nothing else that the tenant has. */
export function isAboutNames({ reason }: Verdict): boolean {
  return keeping.includes(reason)
}

/** `now`: milliseconds since the epoch. */
export function namesWork(snapshot: Snapshot, now: number, problem: Verdict | undefined): NamesWork {
  const { names, renaming } = snapshot
  const aliases = renaming.held.filter(({ until }) => until !== undefined)
  if (!names.recorded) return { actions: [], aliases, verdict: undefined }
  const allowed = problem === undefined || !isAboutNames(problem)
  const swap = swapWork(snapshot)
  if (swap !== undefined) return { ...swap, aliases }
  const taken = allowed ? [...newCloudId(snapshot), ...newHost(snapshot)] : []
  const after = former(snapshot, now, taken)
  const ends = after.aliases.map(({ until }) => Date.parse(until ?? '') - now)
  return {
    actions: [...claimActions(taken), ...claimActions(correctedClaims(snapshot)), ...after.actions],
    aliases: after.aliases,
    verdict: taken.length === 0 ? undefined : renamingFrom(snapshot),
    ...(ends.length === 0 ? {} : { requeueAfter: Math.max(0, Math.min(...ends)) }),
  }
}

function claimActions(claims: readonly ClaimContent[]): readonly Action[] {
  return claims.map((claim) => ({ kind: 'ClaimName', claim, certainlyAbsent: false }))
}

/** The revision after the highest, as the rename with the higher revision counts. */
function nextRevision(held: readonly NameClaim[], kind: NameClaim['kind']): number {
  return Math.max(0, ...held.filter((claim) => claim.kind === kind).map(({ revision }) => revision)) + 1
}

/** The wanted Cloud ID, with all that the present one records; the namespace keeps its name once it may exist. */
function newCloudId(snapshot: Snapshot): readonly ClaimContent[] {
  const { identity, names, tenant, renaming } = snapshot
  const { held, wanted, cycles } = renaming
  if (wanted.cloudId === names.cloudId || cycles.cloudId !== undefined) return []
  const unmade = names.server === undefined && tenant.status?.namespace === undefined
  const namespace = unmade || namespaceForeign(snapshot) !== undefined ? wanted.namespace : names.namespace
  const after = { ...names, namespace, cloudId: wanted.cloudId }
  return [cloudIdClaim(identity, after, recordedPlace(names), nextRevision(held, 'CloudId'))]
}

function newHost({ identity, names, renaming: { held, wanted, cycles } }: Snapshot): readonly ClaimContent[] {
  if (wanted.host === undefined || names.host === undefined) return []
  if (wanted.host === names.host || cycles.host !== undefined) return []
  return [hostClaim(identity, wanted.cloudId, wanted.host, nextRevision(held, 'Host'))]
}

/** The claims of the present names, where their label has another Cloud ID or they are marked as former names. */
function correctedClaims({ identity, names, renaming: { held, current } }: Snapshot): readonly ClaimContent[] {
  const isWrong = (claim: NameClaim | undefined): claim is NameClaim =>
    claim !== undefined && (claim.until !== undefined || claim.cloudId !== names.cloudId)
  const revision = (claim: NameClaim) => (claim.until === undefined ? claim.revision : nextRevision(held, claim.kind))
  const named = (kind: NameClaim['kind'], value: string | undefined) =>
    held.find((claim) => claim.kind === kind && claim.value === value)
  const [cloudId, host] = [
    current.cloudId ?? named('CloudId', names.cloudId),
    current.host ?? named('Host', names.host),
  ]
  return [
    ...(isWrong(cloudId) ? [cloudIdClaim(identity, names, recordedPlace(names), revision(cloudId))] : []),
    ...(isWrong(host) ? [hostClaim(identity, names.cloudId, host.value, revision(host))] : []),
  ]
}

/** What becomes of the claims that are not present names, except for names that are being claimed (again). */
function former(
  snapshot: Snapshot,
  now: number,
  taken: readonly ClaimContent[],
): { readonly actions: readonly Action[]; readonly aliases: readonly NameClaim[] } {
  const { names, renaming } = snapshot
  const present = new Set([names.cloudId, names.host])
  const old = renaming.held.filter(
    ({ name, value, kind }) =>
      value !== (kind === 'Host' ? names.host : names.cloudId) && !taken.some((claim) => claim.name === name),
  )
  const lasting = old.flatMap((claim) => {
    const until = claim.until ?? aliasUntil(snapshot, claim, now)
    return until === undefined || Date.parse(until) <= now ? [] : [{ ...claim, until }]
  })
  const kept = [...latest(lasting, 'CloudId'), ...latest(lasting, 'Host')]
  const release = old.filter(({ name }) => !kept.some((claim) => claim.name === name))
  const noteWritten = kept.filter(
    ({ name, cloudId }) =>
      cloudId !== names.cloudId || old.some((claim) => claim.name === name && claim.until === undefined),
  )
  return {
    aliases: kept.filter(({ value }) => !present.has(value)),
    actions: [
      ...noteWritten.map(({ name, until, revision }): Action => {
        return { kind: 'AliasClaim', claim: name, until, revision, cloudId: names.cloudId }
      }),
      ...release.map(({ name, revision, until }): Action => {
        return { kind: 'ReleaseClaim', claim: name, seen: { revision, until } }
      }),
    ],
  }
}

function latest<C extends NameClaim>(claims: readonly C[], kind: NameClaim['kind']): readonly C[] {
  return claims
    .filter((claim) => claim.kind === kind)
    .toSorted((one, other) => other.revision - one.revision)
    .slice(0, mostAliases)
}

/** Only a name that was shown in the status is worth keeping. */
function aliasUntil({ tenant: { status }, settings }: Snapshot, { value }: NameClaim, now: number): string | undefined {
  const told = value === status?.cloudId || value === status?.host
  return told ? new Date(now + settings.aliasDuration).toISOString() : undefined
}

function renamingFrom({ names, renaming: { wanted } }: Snapshot): Verdict {
  const moves = [
    ...(wanted.cloudId === names.cloudId ? [] : [`the Cloud ID from ${names.cloudId} to ${wanted.cloudId}`]),
    ...(wanted.host === names.host ? [] : [`the host name from ${names.host} to ${wanted.host}`]),
  ]
  return { reason: 'Renaming', message: `Changing ${moves.join(' and ')}.` }
}
