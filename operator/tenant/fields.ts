/** The fields of the status that tell what was made, by the names in the tenant's record. Pure. */
import type { TenantStatus } from '../api/tenant.ts'
import { bindingSecretName } from './binding-secret.ts'
import { formerCloudIdsOf } from './cloud-ids.ts'
import type { Seen } from './seen.ts'

/** What provisioning adds; `target`: whether the database is there as well. */
export interface Made {
  readonly plan: string
  readonly server: string
  readonly directory: string
  readonly target: boolean
}

export function fieldsOf({ names, tenant, settings, identity }: Seen, made: Made | undefined): Partial<TenantStatus> {
  const held = {
    cloudId: names.cloudId,
    ...formerCloudIdsOf(tenant.status, names.cloudId),
    ...(names.subdomain === undefined ? {} : { subdomain: names.subdomain }),
    ...(names.host === undefined ? {} : { host: names.host }),
    ...(identity.formerUids.length === 0 ? {} : { adopted: identity.formerUids }),
  }
  if (made === undefined) return held
  const { database, owner, logins } = names.database
  const before = tenant.status?.database
  return {
    ...held,
    ...(names.host === undefined ? {} : { url: `${settings.urlScheme}://${names.host}` }),
    plan: made.plan,
    namespace: names.namespace,
    database: {
      ...before,
      server: made.server,
      ...(made.target
        ? {
            name: database,
            isolation: 'Database',
            roles: { owner, logins: { a: logins.a, b: logins.b }, current: before?.roles?.current ?? 'a' },
            binding: { name: bindingSecretName },
            directory: made.directory,
          }
        : {}),
    },
  }
}
