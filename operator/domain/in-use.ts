/** Who uses a TenantPlan or a DatabaseServer, and what is said while one of these is being deleted all the same. Pure. */
import { annotations, inUseFinalizer } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Verdict } from '../api/verdict.ts'
import type { KubeObject } from '../kube/port.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Protection } from '../runtime/objects/in-use.ts'
import type { NameClaim } from './caches.ts'

export const inUseProtection: Protection = { finalizer: inUseFinalizer, allowDeletion: annotations.allowDeletion }

/** Of those that have the plan; one whose data is gone for good needs none. */
export function planUsers(tenants: readonly Tenant[]): readonly Tenant[] {
  return tenants.filter(({ status }) => status?.purge?.finishedAt === undefined)
}

export interface PlacementCaches {
  readonly claims: Pick<Cache<NameClaim, 'server'>, 'by'>
  readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
}

/** The Tenants that are there and placed on the server. What was kept of others does not need it now. */
export function serverUsers(server: string, { claims, tenants }: PlacementCaches): readonly Tenant[] {
  const holders = new Set(claims.by('server', server).map(({ holder }) => holder))
  return planUsers([...holders].flatMap((holder) => tenants.by('uid', holder)))
}

/** Of an object that is being deleted and held by its users; undefined of any other. */
export function inUse(
  kind: 'TenantPlan' | 'DatabaseServer',
  { metadata: { name, deletionTimestamp } }: KubeObject,
  users: readonly Tenant[],
): Verdict | undefined {
  if (deletionTimestamp === undefined || users.length === 0) return undefined
  const names = users.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`).toSorted()
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  const list = `${names.slice(0, mostNames).join(', ')}${more}`
  return {
    reason: 'InUse',
    message: `The ${kind} is being deleted, and Tenants use it: ${list}. They are served as before, and it goes when none uses it any more: delete them${kind === 'TenantPlan' ? ', or name another plan in their spec.plan' : ''}. To let it go at once, annotate it with ${annotations.allowDeletion}: ${name}.`,
  }
}

const mostNames = 10
