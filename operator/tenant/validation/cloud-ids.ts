/** The Cloud IDs that a tenant may present as its own: a license can be bound to one. Pure. */
import type { TenantStatus } from '../../api/tenant.ts'
import { isHeldBy } from '../model/name-claim.ts'
import { wantedCloudId } from '../../domain/desired-names.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { NameClaim } from '../../domain/caches.ts'

/** The limit of status.formerCloudIds. */
const most = 32

/**
 * The current Cloud ID, the wanted one unless another tenant holds it, and the former ones, whether their alias still
 * leads to the tenant or not.
 */
export function ownCloudIds({
  tenant,
  names,
  renaming,
  identity,
}: Pick<Snapshot, 'tenant' | 'names' | 'renaming' | 'identity'>): readonly string[] {
  const wanted = wantedCloudId(tenant)
  const claim = renaming.claims.cloudId
  const free = claim === undefined || isHeldBy(claim, identity)
  const { aliases = [], formerCloudIds = [] } = tenant.status ?? {}
  const former = [...aliases.flatMap(({ cloudId }) => cloudId ?? []), ...formerCloudIds, ...aliasesIn(renaming.held)]
  return [...new Set([names.cloudId, ...(free ? [wanted] : []), ...former])]
}

/**
 * The status field, once the tenant goes by `cloudId`: a change adds the one before to the list, the newest first. The
 * list outlives the aliases: a license that was bought for an old name holds for its full term.
 */
export function formerCloudIdsOf(
  status: TenantStatus | undefined,
  cloudId: string,
  held: readonly NameClaim[],
): Pick<TenantStatus, 'formerCloudIds'> {
  const { cloudId: before, formerCloudIds: told = [] } = status ?? {}
  const former = [...told, ...aliasesIn(held).filter((each) => each !== cloudId && !told.includes(each))]
  if (before === undefined || before === cloudId)
    return former.length === 0 ? {} : { formerCloudIds: former.slice(0, most) }
  return { formerCloudIds: [before, ...former.filter((each) => each !== before && each !== cloudId)].slice(0, most) }
}

/** The latest first. After a lost status, as after an adoption, nothing else is known of the former names. */
function aliasesIn(held: readonly NameClaim[]): readonly string[] {
  return held
    .filter(({ kind, until }) => kind === 'CloudId' && until !== undefined)
    .toSorted((one, other) => other.revision - one.revision)
    .map(({ value }) => value)
}
