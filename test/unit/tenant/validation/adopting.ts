/** A Tenant that takes over the earlier `acme`, and what tells whose everything is. */
import { labels } from '../../../../operator/api/names.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import { tenant } from '../../../gen.ts'
import type { World } from '../world.ts'

export function again(adopt: string, over: Parameters<typeof tenant>[0] = {}): Tenant {
  return tenant({ uid: 'uid-again', annotations: { 'tenantry.dev/adopt': adopt }, ...over })
}

/** The uids that anything on the server is marked with. */
export function serverMarks(world: World): readonly string[] {
  return present(
    [...world.postgres.databases.values()].flatMap(({ owner, logins, database }) =>
      [owner, logins.a, logins.b, database].map((part) => part?.mark?.uid),
    ),
  )
}

/** The uids that anything in the cluster or on the server is marked with. */
export function marks(world: World): readonly string[] {
  const kinds = ['ConfigMap', 'Namespace', 'Secret', 'RoleBinding', 'NetworkPolicy', 'ResourceQuota', 'LimitRange']
  const objects = kinds
    .flatMap((kind) => world.cluster.all(kind))
    .map(({ metadata }) => metadata.labels?.[labels.tenantUid])
  return present([...objects, ...serverMarks(world)])
}

function present(uids: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(uids.filter((uid) => uid !== undefined))]
}
