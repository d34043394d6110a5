/** The users of a TenantPlan or a DatabaseServer, and the message while it is being deleted in spite of them. Pure. */
import { annotations, inUseFinalizer } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Verdict } from '../api/verdict.ts'
import { KubeError } from '../kube/port.ts'
import type { KubeObject } from '../kube/port.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { Protection } from '../runtime/objects/in-use-finalizer.ts'
import type { NameClaim } from './caches.ts'
import { passFailure } from './pass-failure.ts'
import type { PassFailure } from './pass-failure.ts'

export const inUseProtection: Protection<PassFailure> = {
  finalizer: inUseFinalizer,
  allowDeletion: annotations.allowDeletion,
  unheld: unheldBy,
}

/** Only what lasts is told; all else ends the pass, and is tried again. */
function unheldBy(error: unknown, kind: string, used: boolean): PassFailure | undefined {
  const failure = error instanceof KubeError ? passFailure(error, kind) : undefined
  if (failure === undefined) return undefined
  const untilThen = used
    ? `Until then a deletion of the ${kind} does not wait for the Tenants that use it.`
    : `Until then the ${kind} keeps the finalizer ${inUseFinalizer}, although no Tenant uses it.`
  return { ...failure, message: `${failure.message} ${untilThen}` }
}

/** The Tenants that have the plan; a Tenant whose data is gone for good needs none. */
export function planUsers(tenants: readonly Tenant[]): readonly Tenant[] {
  return tenants.filter(({ status }) => status?.purge?.finishedAt === undefined)
}

export interface PlacementCaches {
  readonly claims: Pick<Cache<NameClaim, 'server'>, 'by'>
  readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
}

/** The existing Tenants on the server. Data that was kept of other tenants does not need the server now. */
export function serverUsers(server: string, { claims, tenants }: PlacementCaches): readonly Tenant[] {
  const holders = new Set(claims.by('server', server).map(({ holder }) => holder))
  return planUsers([...holders].flatMap((holder) => tenants.by('uid', holder)))
}

/** The message for an object that is being deleted and held by its users; undefined for any other. */
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
    message: `The ${kind} is being deleted, and Tenants use it: ${list}. They keep working, and Tenantry removes it when no Tenant uses it: delete them${kind === 'TenantPlan' ? ', or name another plan in their spec.plan' : ''}. To remove it at once, annotate it with ${annotations.allowDeletion}: ${name}.`,
  }
}

const mostNames = 10
