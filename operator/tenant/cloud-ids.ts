/** The Cloud IDs that a tenant may show for its own: what a license can be bound to. Pure. */
import type { TenantStatus } from '../api/tenant.ts'
import { isHeldBy } from './claims.ts'
import { wantedCloudId } from './wishes.ts'
import type { Seen } from './seen.ts'

/** As many as status.formerCloudIds holds. */
const most = 32

/**
 * That which it goes by, that which it is being renamed to unless another tenant holds it, and those it held before,
 * whether they still lead to it or not.
 */
export function ownCloudIds({
  tenant,
  names,
  renaming,
  identity,
}: Pick<Seen, 'tenant' | 'names' | 'renaming' | 'identity'>): readonly string[] {
  const wanted = wantedCloudId(tenant)
  const claim = renaming.claims.cloudId
  const free = claim === undefined || isHeldBy(claim, identity)
  const { aliases = [], formerCloudIds = [] } = tenant.status ?? {}
  const former = [...aliases.flatMap(({ cloudId }) => cloudId ?? []), ...formerCloudIds]
  return [...new Set([names.cloudId, ...(free ? [wanted] : []), ...former])]
}

/**
 * The field of the status, once the tenant goes by `cloudId`: the one before joins the list when it changes, the newest
 * first. It outlives the aliases: a license that was bought for an old name holds for as long as it was bought for.
 */
export function formerCloudIdsOf(
  status: TenantStatus | undefined,
  cloudId: string,
): Pick<TenantStatus, 'formerCloudIds'> {
  const { cloudId: before, formerCloudIds: former = [] } = status ?? {}
  if (before === undefined || before === cloudId) return former.length === 0 ? {} : { formerCloudIds: former }
  return { formerCloudIds: [before, ...former.filter((each) => each !== before && each !== cloudId)].slice(0, most) }
}
