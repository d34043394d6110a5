/**
 * The selectors of the watch table: the parts of an object that others read. A change of any other part wakes no key.
 * Pure.
 */
import { isDeepStrictEqual } from 'node:util'
import type { AccessGrant } from '../api/accessgrant.ts'
import { findCondition } from '../api/conditions.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import { annotations } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import type { NamespaceView } from '../domain/caches.ts'
import type { KubeObject } from '../kube/port.ts'
import type { Change } from '../runtime/cache/object-store.ts'
import { planRevision } from '../domain/plan-revision.ts'
import { inForce, isInForce, planRefusalOf } from '../domain/plan-in-force.ts'

/** Whether the selected part of an object has changed; always, when the object comes or goes. */
export function whenChanged<V>(selector: (value: V) => unknown): (change: Change<V>) => boolean {
  return ({ before, after }) =>
    before === undefined || after === undefined || !isDeepStrictEqual(selector(before), selector(after))
}

const nothingToTenants: ReadonlySet<string> = new Set(['Leftovers', 'ConnectionsSufficient', 'ApplicationsConnect'])

/**
 * What its tenants read of a DatabaseServer: not its counts, or each new tenant would wake all the others; and no edit
 * before the server was looked at, as nothing is done there until then.
 */
export function serverSelector({ metadata, status }: DatabaseServer): unknown {
  const { labels: marks, deletionTimestamp } = metadata
  const told = status?.conditions?.filter(({ type }) => !nothingToTenants.has(type))
  const conditions = told?.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`)
  const setBackAt = status?.setBack?.noticedAt
  return { observedGeneration: status?.observedGeneration, marks, deletionTimestamp, conditions, setBackAt }
}

/**
 * What the tenants of a plan read of it: the spec in force, or why there is none; and, for deleted tenants, their
 * grace period.
 */
export function followedPlanSelector(plan: TenantPlan): unknown {
  const followed = inForce(plan)
  return [followed === undefined ? planRefusalOf(plan)?.message : planRevision(followed), plan.spec.deletion]
}

/** What tenants read of a plan that they want to begin with. */
export function offeredPlanSelector(plan: TenantPlan): unknown {
  return [isInForce(plan), followedPlanSelector(plan), planRefusalOf(plan)?.message]
}

/** What tenants without a server read of it. */
export function roomSelector(server: DatabaseServer): unknown {
  return [serverSelector(server), server.metadata.generation, server.status?.tenants]
}

/** What Tenants and TenantAdmins in a namespace read of it: whether they may be there, and whether deletions are released. */
export function namespaceSelector({ uid, labels: marks, annotations: said, deleting }: NamespaceView): unknown {
  return [uid, marks, deleting, said[annotations.releaseDeletion]]
}

/** Everything except the status: the generation stands for the spec and for the deletion. */
export function declaredSelector({ metadata }: KubeObject): unknown {
  const { uid, generation, annotations: said, labels, finalizers } = metadata
  return [uid, generation, said, labels, finalizers]
}

/**
 * What people ask of a plan or a server: its spec, its deletion (which counts as an edit), the confirmation of that,
 * and which server is accepted.
 */
export function requestSelector({ metadata }: TenantPlan | DatabaseServer): unknown {
  const { allowDeletion, acceptServer } = annotations
  return [metadata.generation, metadata.annotations?.[allowDeletion], metadata.annotations?.[acceptServer]]
}

/** What others read of a Tenant: not its messages and counts, or a thousand customers would wake each other. */
export function tenantSelector({ metadata, status }: Tenant): unknown {
  const { phase, plan, state, adopted, expiresAt, warnings, license } = status ?? {}
  const { namespace, cloudId, subdomain, host } = status ?? {}
  const conditions = status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)
  const { uid, generation, deletionTimestamp } = metadata
  const names = { namespace, cloudId, subdomain, host, adopted }
  return { uid, generation, deletionTimestamp, phase, plan, ...names, state, expiresAt, warnings, license, conditions }
}

/** What others read of a TenantAdmin: of the mail only whether it needs a person. */
export function adminSelector({ metadata, status }: TenantAdmin): unknown {
  const { phase, user, tenant, invite, consent, conditions } = status ?? {}
  const { status: invited, acceptedAt, sequence } = invite ?? {}
  const { uid, generation, deletionTimestamp } = metadata
  return {
    uid,
    generation,
    deletionTimestamp,
    phase,
    user,
    tenant: tenant?.uid,
    invited,
    acceptedAt,
    sequence,
    consent,
    stalled: findCondition(conditions, 'Stalled')?.reason,
  }
}

/** What others read of an AccessGrant: not its messages. */
export function grantSelector({ metadata, status }: AccessGrant): unknown {
  return [metadata.uid, metadata.generation, metadata.deletionTimestamp, status?.phase, status?.tenantUid]
}
