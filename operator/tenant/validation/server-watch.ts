/** What has to be known of a tenant's DatabaseServer before anything is done for the tenant there. Pure. */
import { findCondition } from '../../api/conditions.ts'
import type { DatabaseServer } from '../../api/databaseserver.ts'
import { failureVerdict } from '../../api/failures.ts'
import type { Reason } from '../../api/reasons.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantCaches } from '../../domain/caches.ts'

/**
 * Whether the tenant is placed on a server that was declared or edited, and not looked at since: it may be another one by
 * now, and nobody has seen whether it is.
 */
export function isServerUnseen(tenant: Tenant | undefined, { claims, servers }: TenantCaches): boolean {
  if (tenant === undefined) return false
  const recorded = claims.by('holder', tenant.metadata.uid ?? '').find(({ server }) => server !== undefined)
  const server = servers.get(recorded?.server ?? tenant.status?.database?.server ?? '')
  return server !== undefined && server.status?.observedGeneration !== server.metadata.generation
}

/** Another PostgreSQL server answers than that on which the tenants were placed. */
export function isAnotherServer({ status }: DatabaseServer): boolean {
  return findCondition(status?.conditions, 'Ready')?.reason === 'AnotherServer'
}

/** The same words whether a look found it or an act was refused for it. */
export function databaseConflict(message: string, server: string): Verdict {
  return failureVerdict('DatabaseTaken', { words: message, server })
}

export function anotherServer(server: string): Verdict {
  return failureVerdict('AnotherServer', { server })
}

/** No session comes about: so it is not known either whether it is the server that it was. */
const unusable: readonly Reason[] = ['DatabaseUnavailable', 'ServerLoginFailed', 'TlsVerificationFailed']

/** The pool cannot reach it, or its own check found that it cannot be used; it wakes its tenants when it can. */
export function isOutOfReach({ databaseState, authorities }: Snapshot, { metadata, status }: DatabaseServer): boolean {
  const ready = findCondition(status?.conditions, 'Ready')
  const down = ready?.status === 'False' && unusable.includes(ready.reason)
  return down || databaseState.kind === 'Unreachable' || authorities[metadata.name] === undefined
}

/** Why nothing can be done now on the server that the tenant is placed on. */
export function outOfReach(server: string, { databaseState }: Pick<Snapshot, 'databaseState'>): Verdict {
  return databaseState.kind === 'Unreachable' && databaseState.another === true
    ? anotherServer(server)
    : unreachable(server)
}

export function unreachable(server: string): Verdict {
  return failureVerdict('ServerUnusable', { server })
}
