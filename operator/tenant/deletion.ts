/**
 * The end of a tenant: logins off, sessions ended, database and roles dropped, namespace deleted, claims released, and last
 * the finalizer. What is gone already counts as done; what is not ours is left alone. Pure.
 */
import { finalizer } from '../api/names.ts'
import { removalActions } from '../postgres/drift.ts'
import type { DatabaseVerdict } from '../postgres/drift.ts'
import type { TenantDatabase } from '../postgres/port.ts'
import type { Action, PlannedDatabaseAction } from './action.ts'
import { isHeldBy } from './claims.ts'
import { unreachable } from './database.ts'
import { bearsMark, markOf, sameMark } from './marks.ts'
import { stagesOf } from './plan.ts'
import type { Plan } from './plan.ts'
import type { LiveCheck, Seen } from './seen.ts'
import { statusOf } from './status.ts'
import type { Outlook } from './status.ts'
import { firstOf } from '../api/verdict.ts'
import type { Check, Verdict } from '../api/verdict.ts'

/** Nothing is removed before these hold. */
const objections: readonly Check<Seen>[] = [
  ({ tenant }) =>
    tenant.spec.deletion.protected
      ? {
          reason: 'DeletionProtected',
          message:
            'The Tenant is being deleted, but spec.deletion.protected is true. Nothing is removed until it is set to false.',
        }
      : undefined,
  ({ customers }) => (customers.length === 0 ? undefined : { reason: 'HasCustomers', message: listOf(customers) }),
]

function listOf(customers: Seen['customers']): string {
  const names = customers.map(({ metadata }) => metadata.name).toSorted()
  const shown = names.slice(0, 10).join(', ')
  const more = names.length > 10 ? ` and ${names.length - 10} more` : ''
  return `The MSP tenant still has customers: ${shown}${more}. Delete them first; nothing of it is removed before.`
}

export function decideDeletion(seen: Seen, now: number): Plan {
  const { tenant, live } = seen
  if (tenant.metadata.finalizers?.includes(finalizer) !== true || live === undefined)
    return { stages: [], outlook: undefined }
  if (live.going !== undefined || tenant.spec.deletion.policy === 'Retain') return letGo()
  const objection = firstOf(objections, seen)
  if (objection !== undefined) return { stages: [], outlook: outlookOf(objection, objection) }
  const work = databaseRemoval(seen)
  if (work.problem !== undefined) return { ...wait(seen, work.problem, work.stalled), ...waitingFor(seen) }
  const namespace = ownNamespace(seen, live)
  if (namespace?.deleting === true && work.actions.length === 0) return wait(seen, terminating(namespace), false)
  if (namespace !== undefined || work.actions.length > 0) return destroy(seen, work.actions, namespace, now)
  return release(live, seen)
}

/** Everything is kept: database, namespace, and the claims, so that nobody else gets the names. */
function letGo(): Plan {
  return { stages: [[{ target: 'Tenant', actions: [{ kind: 'RemoveFinalizer' }] }]], outlook: undefined }
}

function release(live: LiveCheck, { identity }: Seen): Plan {
  const claims = live.claims.filter((claim) => isHeldBy(claim, identity))
  const lanes = claims.map(({ name }) => ({
    target: 'Claims' as const,
    actions: [{ kind: 'ReleaseClaim' as const, claim: name }],
  }))
  return { stages: stagesOf(lanes, [{ target: 'Tenant', actions: [{ kind: 'RemoveFinalizer' }] }]), outlook: undefined }
}

/** First it is said, as nothing of this can be taken back; then the database goes, then the namespace. */
function destroy(seen: Seen, database: readonly Action[], namespace: LiveCheck['namespace'], now: number): Plan {
  const { names } = seen
  const dropping = deleting(
    `Removing the database ${names.database.database} and its roles from the DatabaseServer ${names.server}.`,
  )
  const going = namespace === undefined ? releasing : terminating(namespace)
  const deleteNamespace: readonly Action[] =
    namespace === undefined || namespace.deleting
      ? []
      : [{ kind: 'DeleteNamespace', namespace: namespace.name, uid: namespace.uid }]
  const saying: Action = { kind: 'Say', status: statusOf(seen, outlookOf(dropping, undefined), now) }
  const stages = stagesOf(
    [{ target: 'Tenant', actions: database.length === 0 ? [] : [saying] }],
    [{ target: 'Database', actions: database }],
    [{ target: 'Namespace', actions: deleteNamespace }],
  )
  // Whether all is gone is seen in another pass, which then releases the names.
  return {
    stages,
    outlook: outlookOf(going, undefined),
    requeueAfter: namespace === undefined ? 0 : seen.settings.patience,
  }
}

function waitingFor({ corner, names }: Seen): Pick<Plan, 'waitsFor'> {
  return corner.kind === 'Unreachable' && names.server !== undefined ? { waitsFor: names.server } : {}
}

interface Removal {
  readonly actions: readonly Action[]
  readonly problem: Verdict | undefined
  readonly stalled: boolean
}

function databaseRemoval(seen: Seen): Removal {
  const { names, corner } = seen
  const { server } = names
  if (server === undefined) return { actions: [], problem: undefined, stalled: false }
  if (corner.kind === 'Unreachable') {
    const known = seen.servers.some(({ metadata }) => metadata.name === server)
    return { actions: [], problem: known ? unreachable(server) : serverGone(server), stalled: false }
  }
  const target = removalTarget(seen)
  const verdict: DatabaseVerdict = removalActions(target, corner.kind === 'Seen' ? corner.observed : undefined)
  if (verdict.kind === 'Conflict') return foreignRemoval(seen, verdict.message)
  return { actions: verdict.actions.map((kind) => removal(kind, server, target)), problem: undefined, stalled: false }
}

/** What is not ours is left alone. Where only a part of it is ours, a person has to say what is to become of the rest. */
function foreignRemoval({ corner, identity }: Seen, message: string): Removal {
  const { owner, database, logins } = (corner.kind === 'Seen' ? corner.observed : undefined) ?? {}
  const ours = [owner, database, logins?.a, logins?.b].some((part) => sameMark(part?.mark, identity))
  if (!ours) return { actions: [], problem: undefined, stalled: false }
  return { actions: [], problem: { reason: 'DatabaseConflict', message }, stalled: true }
}

function removal(kind: PlannedDatabaseAction['kind'], server: string, target: TenantDatabase): Action {
  switch (kind) {
    case 'DisableLogins':
    case 'TerminateSessions':
    case 'DropDatabase':
    case 'DropRoles':
      return { kind, server, target }
    default:
      throw new TypeError(`${kind} does not remove anything`)
  }
}

/** Only names and mark matter to what is removed. */
function removalTarget({ identity, names, tenant }: Seen): TenantDatabase {
  return {
    names: names.database,
    mark: markOf(identity),
    isolation: tenant.status?.database?.isolation ?? 'Database',
    connectionLimit: -1,
    loginAllowed: false,
    currentLogin: tenant.status?.database?.roles?.current ?? 'a',
  }
}

/** The live namespace, if it bears our mark; a foreign one of that name is not ours to delete. */
function ownNamespace({ identity }: Seen, { namespace }: LiveCheck): LiveCheck['namespace'] {
  return namespace !== undefined && bearsMark(namespace, identity) ? namespace : undefined
}

function wait(seen: Seen, verdict: Verdict, stalled: boolean): Plan {
  return {
    stages: [],
    outlook: outlookOf(verdict, stalled ? verdict : undefined),
    requeueAfter: seen.settings.patience,
  }
}

function outlookOf(verdict: Verdict, stalled: Verdict | undefined): Outlook {
  const reconciling: Verdict | undefined = stalled === undefined ? verdict : undefined
  return {
    phase: 'Deleting',
    ready: { status: 'False', ...verdict },
    reconciling,
    stalled,
    namespace: verdict,
    database: verdict,
    fields: {},
  }
}

function deleting(message: string): Verdict {
  return { reason: 'Deleting', message }
}

const releasing = deleting('Database and namespace are gone; the names are being released.')

function terminating({ name, blockers }: NonNullable<LiveCheck['namespace']>): Verdict {
  const why = blockers.length === 0 ? '' : ` It is held by: ${blockers.join(' ')}`
  return deleting(`Waits for the namespace ${name} to be gone.${why}`)
}

function serverGone(server: string): Verdict {
  return {
    reason: 'DatabaseServerNotFound',
    message: `The tenant's database is on the DatabaseServer ${server}, which does not exist. Create it again, so that the database can be removed, or set spec.deletion.policy to Retain to leave it.`,
  }
}
