/** Whether a tenant goes by the names that it wants, or somebody else has them. Pure. */

export interface Named {
  readonly uid: string
  readonly title: string
  /** What it goes by. */
  readonly cloudId: string | undefined
  readonly host: string | undefined
  readonly wanted: { readonly cloudId: string; readonly host: string }
  /** The reason for which it is told that a person has to do something. */
  readonly refused: string | undefined
}

/** The uid of the Tenant that holds the claim of this name. */
export type HolderOf = (claim: string) => string | undefined

/** Sentences; none is good. `all`: the Tenants that nobody has deleted. */
export function misnamed(tenant: Named, all: readonly Named[], holderOf: HolderOf): readonly string[] {
  const { title, cloudId, host, wanted, refused, uid } = tenant
  const [hasCloudId, hasHost] = [cloudId === wanted.cloudId, host === wanted.host]
  if (hasCloudId && hasHost) return []
  const called = `${title} is called ${cloudId} (${host})`
  if (refused !== 'CloudIdConflict' && refused !== 'HostConflict')
    return [`${called}, and should be called ${wanted.cloudId} (${wanted.host}).`]
  const [claim, other] =
    refused === 'CloudIdConflict'
      ? [`claim-cloud-id-${wanted.cloudId}`, hasCloudId]
      : [`claim-host-${wanted.host}`, hasHost]
  if (other) return [`${called} and is told ${refused}, which is not so.`]
  const holder = holderOf(claim)
  if (holder === undefined || holder === uid)
    return [`${title} is told ${refused}, and nobody else has what it wants (${claim}).`]
  return isInRing(tenant, all) ? [`${title} and those whose names it wants could swap them, and have not.`] : []
}

/** Each wants what the next one goes by, and the last what the first one goes by. */
function isInRing(tenant: Named, all: readonly Named[]): boolean {
  let at: Named | undefined = tenant
  for (let step = 0; step < 10; step += 1) {
    const { wanted, uid }: Named = at
    at = all.find((each) => each.cloudId === wanted.cloudId && each.uid !== uid)
    if (at === undefined || at.cloudId === at.wanted.cloudId) return false
    if (at.uid === tenant.uid) return true
  }
  return false
}
