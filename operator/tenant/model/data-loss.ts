/**
 * Whether a tenant's data existed once, by any evidence that survived. If so, neither its database nor its schema is
 * created again without an administrator's word, as an empty one hides a loss and blocks a restore. Pure.
 */
import type { Condition } from '../../api/conditions.ts'
import { failureVerdict } from '../../api/failures.ts'
import type { FailureFacts } from '../../api/failures.ts'
import { annotations, dataName } from '../../api/names.ts'
import type { DatabaseNames } from '../../api/names.ts'
import type { Tenant, TenantStatus } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import { isDataLost as isLostOn } from '../../postgres/model/shape.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { fromKey, keyOf } from '../../runtime/objects/object.ts'
import { isHeldBy } from './name-claim.ts'
import type { Snapshot } from './snapshot.ts'

type DataNames = Pick<DatabaseNames, 'database' | 'schema'>

export type ProvisionedFacts = Pick<Snapshot, 'tenant' | 'identity' | 'names' | 'claims' | 'servers'>

/**
 * By the status; by the claim of a retained tenant; or because its claim was placed on the server that was there before
 * an administrator accepted the present one. The mark on the owner role is read with the server.
 */
export function wasProvisioned(facts: ProvisionedFacts): boolean {
  const { tenant, identity, names, claims } = facts
  const { database, purge } = tenant.status ?? {}
  // Purged data is no loss.
  if (purge?.startedAt !== undefined) return false
  const made = database?.name === names.database.database && database.schema === names.database.schema
  const { cloudId } = claims
  return made || isPlacedBefore(facts) || (isHeldBy(cloudId, identity) && cloudId?.provisioned === true)
}

function isPlacedBefore({ names, servers }: ProvisionedFacts): boolean {
  const now = servers.find(({ metadata }) => metadata.name === names.server)?.status?.systemIdentifier
  return now !== undefined && names.systemIdentifier !== undefined && names.systemIdentifier !== now
}

/** What may be created for the tenant. */
export function creationOf(facts: ProvisionedFacts): TenantDatabase['creation'] {
  if (mayBeginEmpty(facts.tenant, facts.names.database)) return 'Anew'
  return wasProvisioned(facts) ? 'Never' : undefined
}

/** The annotation counts once, and only when it is set after the loss was reported. */
export function mayBeginEmpty(tenant: Tenant, names: DataNames): boolean {
  const { missingSince, begunEmpty } = tenant.status?.database ?? {}
  const asked = emptyRequest(tenant, names)
  return missingSince !== undefined && asked !== undefined && begunEmpty !== asked
}

/** The status record of a loss. */
export interface Loss {
  readonly missingSince: string
  readonly begunEmpty: string | undefined
  /** New data gets a new directory. */
  readonly directory: undefined
}

/**
 * An annotation that exists when the loss is reported is older than the loss: it stayed in Git, or its use was
 * forgotten with the status.
 */
export function lossOf(facts: Pick<Snapshot, 'tenant' | 'names'>, now: number): Loss {
  const { missingSince, begunEmpty } = facts.tenant.status?.database ?? {}
  const asked = askedToBeginEmpty(facts)
  const used = missingSince === undefined || asked === undefined ? asked : begunEmpty
  return { missingSince: missingSince ?? timestamp(now), begunEmpty: used, directory: undefined }
}

/** The status field, where nothing else is known of the database. */
export function lossField(facts: Pick<Snapshot, 'tenant' | 'names'>, now: number) {
  return { database: { ...facts.tenant.status?.database, ...lossOf(facts, now) } }
}

/** The value of the annotation, where it repeats the name of the database or schema that holds the data. */
export function askedToBeginEmpty({ tenant, names }: Pick<Snapshot, 'tenant' | 'names'>): string | undefined {
  return emptyRequest(tenant, names.database)
}

function emptyRequest({ metadata }: Tenant, names: DataNames): string | undefined {
  const asked = metadata.annotations?.[annotations.beginEmpty]
  return asked === dataName(names) ? asked : undefined
}

/** Whether the last look shows that the data existed and is gone. */
export function isDataLost(snapshot: ProvisionedFacts & Pick<Snapshot, 'databaseState'>): boolean {
  const { databaseState, names } = snapshot
  if (databaseState.kind !== 'Observed') return false
  const target = { names: names.database, ...creationField(creationOf(snapshot)) }
  return isLostOn(target, databaseState.observed)
}

export function creationField(creation: TenantDatabase['creation']): Pick<TenantDatabase, 'creation'> {
  return creation === undefined ? {} : { creation }
}

/** Both ways out, each with the command to type. */
export function databaseMissing(snapshot: Pick<Snapshot, 'tenant' | 'names'>, server: string): Verdict {
  const { tenant, names } = snapshot
  const { reason, message } = failureVerdict('DataMissing', { server, ...missingFacts(names.database, keyOf(tenant)) })
  const once =
    askedToBeginEmpty(snapshot) === undefined ? '' : ' The present annotation is older than this loss: remove it first.'
  return { reason, message: `${message}${once}` }
}

/** `tenant`: `namespace/name`. */
export function missingFacts(names: DatabaseNames, tenant: string): FailureFacts {
  const { database, schema } = names
  const words = schema === undefined ? `database "${database}"` : `schema "${schema}" in the database "${database}"`
  const { name, namespace } = fromKey(tenant)
  return { words, name: `kubectl annotate tenant ${name} -n ${namespace} ${annotations.beginEmpty}=${dataName(names)}` }
}

/** The condition that says that the data is missing. Another failure may occupy the condition Stalled. */
export function toldMissing(status: Pick<TenantStatus, 'conditions'> | undefined): Condition | undefined {
  return status?.conditions?.find(
    ({ type, reason }) => reason === 'DatabaseMissing' && (type === 'Stalled' || type === 'DatabaseReady'),
  )
}
