/**
 * A tenant's names, claimed before anything is made under them. A claim is a ConfigMap, and creating it is the atomic act
 * (model/name-claim.ts; apply/name-claims.ts carries it out, and throws NameTaken where another tenant holds the name). A
 * name that the caches show as taken is a problem before that: validation/problems.ts. Pure.
 */
import { finalizer } from '../../api/names.ts'
import type { Action, Stage } from '../model/action.ts'
import { cloudIdClaim, hostClaim, isHeldBy, placementIn } from '../model/name-claim.ts'
import type { Place } from '../model/name-claim.ts'
import { lane } from '../model/decision.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** The finalizer before anything else, then both claims side by side. */
export function claiming(snapshot: Snapshot, server: string | undefined): readonly Stage[] {
  const { tenant, identity, names, claims, renaming } = snapshot
  const bound = tenant.metadata.finalizers?.includes(finalizer) === true
  const certainlyAbsent = !bound
  // A name from a swap is handed over, not claimed.
  const swapped = renaming.decided.length > 0
  const place = server === undefined ? undefined : placeOn(snapshot, server)
  const cloudId = swapped || isHeldBy(claims.cloudId, identity) ? [] : [cloudIdClaim(identity, names, place)]
  const unclaimedHost = !swapped && names.host !== undefined && !isHeldBy(claims.host, identity)
  const host = unclaimedHost && names.host !== undefined ? [hostClaim(identity, names.cloudId, names.host)] : []
  return [
    lane('Tenant', bound ? [] : [{ kind: 'AddFinalizer' }]),
    [...cloudId, ...host].map((claim) => ({
      target: 'Claims',
      actions: [{ kind: 'ClaimName', claim, certainlyAbsent }],
    })),
  ]
}

/** A claim from before the server was known records the server before anything is made there. */
export function recordPlacement(snapshot: Snapshot, server: string): readonly Action[] {
  const { claims, identity, names } = snapshot
  const claim = claims.cloudId
  if (claim === undefined || !isHeldBy(claim, identity) || claim.server !== undefined) return []
  const place = placeOn(snapshot, server)
  return [{ kind: 'RecordPlacement', claim: claim.name, server, data: placementIn(place, names) }]
}

/** The recorded identity goes before the server's present one. */
export function placeOn({ names, servers }: Pick<Snapshot, 'names' | 'servers'>, server: string): Place {
  const { status } = servers.find(({ metadata }) => metadata.name === server) ?? {}
  return { server, systemIdentifier: names.systemIdentifier ?? status?.systemIdentifier }
}
