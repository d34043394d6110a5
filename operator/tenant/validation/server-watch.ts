/** What has to be known of a tenant's DatabaseServer before anything is done there for the tenant. Pure. */
import { findCondition } from '../../api/conditions.ts'
import type { DatabaseServer } from '../../api/databaseserver.ts'
import { failureVerdict } from '../../api/failures.ts'
import type { Reason } from '../../api/reasons.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantCaches } from '../../domain/caches.ts'

/**
 * Whether the tenant's server was declared or edited and not checked since: another PostgreSQL server may be behind it
 * by now.
 */
export function isServerUnseen(tenant: Tenant | undefined, { claims, servers }: TenantCaches): boolean {
  if (tenant === undefined) return false
  const recorded = claims.by('holder', tenant.metadata.uid ?? '').find(({ server }) => server !== undefined)
  const server = servers.get(recorded?.server ?? tenant.status?.database?.server ?? '')
  return server !== undefined && server.status?.observedGeneration !== server.metadata.generation
}

/** The PostgreSQL server that answers is not the one that the tenants were placed on. */
export function isAnotherServer({ status }: DatabaseServer): boolean {
  return findCondition(status?.conditions, 'Ready')?.reason === 'AnotherServer'
}

/** The same words whether a look found the conflict or an action was refused for it. */
export function databaseConflict(message: string, server: string): Verdict {
  return failureVerdict('DatabaseTaken', { words: message, server })
}

export function anotherServer(server: string): Verdict {
  return failureVerdict('AnotherServer', { server })
}

/** No session can be opened, so the server's identity is unknown too. */
const unusable: readonly Reason[] = ['DatabaseUnavailable', 'ServerLoginFailed', 'TlsVerificationFailed']

/**
 * The pool cannot reach the server, or the server's own check found it unusable; it wakes its tenants when it can be
 * used.
 */
export function isServerUnusable(
  { databaseState, authorities }: Snapshot,
  { metadata, status }: DatabaseServer,
): boolean {
  const ready = findCondition(status?.conditions, 'Ready')
  const down = ready?.status === 'False' && unusable.includes(ready.reason)
  return down || databaseState.kind === 'Unreachable' || authorities[metadata.name] === undefined
}

/** Why nothing can be done now on a server. */
export interface ServerBlocker {
  readonly blocker: Verdict
  readonly stalled: boolean
  /** The server whose answer wakes the tenant; undefined where it answers already. */
  readonly waitsFor?: string
}

/** Why nothing can be done now on the tenant's server. */
export function serverBlocker(server: string, { databaseState }: Pick<Snapshot, 'databaseState'>): ServerBlocker {
  const { another, refusal }: Partial<Unreachable> = databaseState.kind === 'Unreachable' ? databaseState : {}
  return another === true
    ? { blocker: anotherServer(server), stalled: false, waitsFor: server }
    : unreachable(server, refusal)
}

/** `refusal`: the error of a server that answers and refuses the query. */
export function unreachable(server: string, refusal?: string): ServerBlocker {
  return refusal === undefined
    ? { blocker: failureVerdict('ServerUnusable', { server }), stalled: false, waitsFor: server }
    : { blocker: failureVerdict('LookRefused', { server, words: refusal }), stalled: true }
}

type Unreachable = Extract<Snapshot['databaseState'], { kind: 'Unreachable' }>
