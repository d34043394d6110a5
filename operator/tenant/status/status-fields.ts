/** The fields of the status about what was made, by the names in the tenant's record. Pure. */
import { formerCloudIdsOf } from '../validation/cloud-ids.ts'
import type { TenantStatus } from '../../api/tenant.ts'
import { coarseSize, tenantSizeStep } from '../../api/size.ts'
import { askedToBeginEmpty } from '../model/data-loss.ts'
import type { Loss } from '../model/data-loss.ts'
import type { LoginName } from '../../postgres/model/port.ts'
import { bindingSecretName } from '../model/binding-secret.ts'
import type { Credentials } from '../database/rotation.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { NameClaim } from '../../domain/caches.ts'
import { mostAliases } from '../model/naming.ts'

/** Absent credential fields leave nothing of earlier ones. */
export function credentialFields(credentials: Omit<Credentials, 'current'>) {
  const { rotatedAt, lastHandledRotation, formerLoginUntil, readers, rotation } = credentials
  return { rotatedAt, lastHandledRotation, formerLoginUntil, readers, rotation }
}

/** What provisioning adds; `target`: whether the database exists as well. */
export interface Made {
  readonly plan: string
  readonly planRevision: string
  readonly server: string
  readonly directory: string
  readonly loss: Loss | undefined
  readonly target: boolean
  readonly credentials: Credentials | undefined
}

/** The present and former names of a tenant: `aliases` are the claims of the former names that are kept. */
export function nameFields(snapshot: Snapshot, aliases: readonly NameClaim[]): Partial<TenantStatus> {
  const { tenant, names, settings } = snapshot
  const kept = aliases.map(aliasOf).toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1))
  const url = tenant.status?.url !== undefined && names.host !== undefined
  return {
    ...fieldsOf(snapshot, undefined),
    ...(url ? { url: `${settings.urlScheme}://${names.host}` } : {}),
    aliases: kept.slice(0, 2 * mostAliases),
  }
}

type Alias = NonNullable<TenantStatus['aliases']>[number]

function aliasOf({ kind, value, until }: NameClaim): Alias {
  return { ...(kind === 'Host' ? { host: value } : { cloudId: value }), ...(until === undefined ? {} : { until }) }
}

/** Cloud IDs first; within each kind the one that ends first. */
function sortKey({ cloudId, host = '', until = '' }: Alias): string {
  return cloudId === undefined ? `2 ${until} ${host}` : `1 ${until} ${cloudId}`
}

export function fieldsOf(snapshot: Snapshot, made: Made | undefined): Partial<TenantStatus> {
  const { names, tenant, settings, identity } = snapshot
  const held = {
    cloudId: names.cloudId,
    ...formerCloudIdsOf(tenant.status, names.cloudId, snapshot.renaming.held),
    ...(names.subdomain === undefined ? {} : { subdomain: names.subdomain }),
    ...(names.host === undefined ? {} : { host: names.host }),
    ...(identity.formerUids.length === 0 ? {} : { adopted: identity.formerUids }),
  }
  if (made === undefined) return held
  const { database, schema } = names.database
  const before = tenant.status?.database
  return {
    ...held,
    ...(names.host === undefined ? {} : { url: `${settings.urlScheme}://${names.host}` }),
    plan: made.plan,
    ...(made.target ? { planRevision: made.planRevision } : {}),
    namespace: names.namespace,
    database: {
      ...before,
      server: made.server,
      ...(made.target
        ? {
            name: database,
            isolation: names.isolation,
            ...(schema === undefined ? {} : { schema }),
            roles: rolesOf(snapshot, made.credentials?.current),
            binding: { name: bindingSecretName },
            directory: made.directory,
            sizeBytes: sizeOf(snapshot),
            // The annotation is used up once everything is in place.
            begunEmpty: askedToBeginEmpty(snapshot),
            missingSince: undefined,
            ...(made.credentials === undefined ? {} : credentialFields(made.credentials)),
          }
        : made.loss),
    },
  }
}

function rolesOf({ names, tenant }: Snapshot, current: LoginName | undefined) {
  const { owner, logins } = names.database
  const before = tenant.status?.database?.roles?.current
  return { owner, logins: { a: logins.a, b: logins.b }, current: current ?? before ?? 'a' }
}

/** The size that the last poll measured; a new database is within the least step, so that its measurement costs no write. */
function sizeOf({ databaseState, tenant }: Snapshot): number {
  const before = tenant.status?.database?.sizeBytes
  const measured = databaseState.kind === 'Observed' ? databaseState.observed?.sizeBytes : undefined
  return measured === undefined ? (before ?? tenantSizeStep) : coarseSize(measured, before, tenantSizeStep)
}
