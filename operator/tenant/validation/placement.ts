/**
 * The database server that a tenant is placed on. A recorded server stands; otherwise the matching server with the most
 * free capacity, in order of name where two are equal. Pure.
 */
import { isTrue } from '../../api/conditions.ts'
import type { DatabaseServer } from '../../api/databaseserver.ts'
import type { Isolation } from '../../api/phases.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { matchesLabels } from '../../domain/label-selector.ts'
import type { LabelSelector } from '../../domain/label-selector.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Verdict } from '../../api/verdict.ts'

export type Placement =
  | { readonly server: string; readonly wait?: never }
  | { readonly server?: never; readonly wait: Verdict }

/** The isolation before anything is recorded. */
export function desiredIsolation({ spec }: Tenant, plan: TenantPlan | undefined): Isolation {
  return spec.database.isolation ?? plan?.spec.database.isolation ?? 'Database'
}

/** The tenant's own limit; for an MSP's customer only within the plan. */
export function connectionLimitOf({ tenant, home }: Pick<Snapshot, 'tenant' | 'home'>, plan: TenantPlan): number {
  const planned = plan.spec.database.connectionLimit
  const desired = tenant.spec.database.connectionLimit ?? planned
  return home.kind === 'Msp' ? Math.min(desired, planned) : desired
}

export function place(snapshot: Snapshot, plan: TenantPlan): Placement {
  if (snapshot.names.server !== undefined) return { server: snapshot.names.server }
  const desired = desiredServer(snapshot, plan)
  const matching = snapshot.servers.filter((server) => matches(server, desired))
  const allowed = matching.filter((server) => forbidding(snapshot, nameOf(server)) === undefined)
  const [best] = allowed
    .filter((server) => isFit(snapshot, server))
    .toSorted((one, other) => room(snapshot, other) - room(snapshot, one) || compare(nameOf(one), nameOf(other)))
  return best === undefined ? { wait: whyNot(snapshot, desired, matching, allowed) } : { server: nameOf(best) }
}

/** Where the tenant, or else its plan, wants the database to be. */
interface DesiredServer {
  readonly server: string | undefined
  readonly selector: LabelSelector | undefined
  /** A field of it, in words. */
  readonly field: (name: 'server' | 'serverSelector') => string
}

/** The tenant's own choice goes before the plan's. */
function desiredServer({ tenant }: Snapshot, plan: TenantPlan): DesiredServer {
  const own = tenant.spec.database
  const planned = plan.spec.database
  const isOwn = own.server !== undefined || own.serverSelector !== undefined
  const { server, serverSelector: selector } = isOwn ? own : planned
  return {
    server,
    selector,
    field: (name) => `spec.database.${name}${isOwn ? '' : ` of the TenantPlan ${plan.metadata.name}`}`,
  }
}

function matches(server: DatabaseServer, { server: name, selector }: DesiredServer): boolean {
  if (name !== undefined) return nameOf(server) === name
  return selector === undefined || matchesLabels(selector, server.metadata.labels)
}

/** The parent MSP, if any, whose spec.customers.servers leaves this server out. */
function forbidding({ home }: Pick<Snapshot, 'home'>, server: string): Tenant | undefined {
  if (home.kind !== 'Msp') return undefined
  return home.ancestors.find(({ spec }) => spec.customers?.servers?.includes(server) === false)
}

/** The named server is not allowed. A plan's choice counts only for tenants that have no server yet. */
export function serverForbidden(snapshot: Snapshot, plan: TenantPlan | undefined): Verdict | undefined {
  const { server: own } = snapshot.tenant.spec.database
  if (own === undefined && (plan === undefined || snapshot.names.server !== undefined)) return undefined
  const server = own ?? (plan === undefined ? undefined : desiredServer(snapshot, plan).server)
  const msp = server === undefined ? undefined : forbidding(snapshot, server)
  if (server === undefined || msp === undefined) return undefined
  const of = own === undefined ? ` of the TenantPlan ${plan?.metadata.name}` : ''
  const wayOut = own === undefined ? 'Name one of those in spec.database.server' : 'Name one of those, or none'
  return notAllowed(`spec.database.server${of}: ${server} is not among`, msp, wayOut)
}

function notAllowed(what: string, { metadata, spec }: Tenant, wayOut: string): Verdict {
  const servers = spec.customers?.servers ?? []
  const those = servers.length === 0 ? 'none' : servers.join(', ')
  return {
    reason: 'DatabaseServerNotAllowed',
    message: `${what} the servers that the parent MSP ${metadata.name} may use for its customers (its spec.customers.servers: ${those}). ${wayOut}, or ask for a change of that list.`,
  }
}

function isReady({ status, metadata }: DatabaseServer): boolean {
  return isTrue(status?.conditions, 'Ready') && metadata.deletionTimestamp === undefined
}

function isFit(snapshot: Snapshot, server: DatabaseServer): boolean {
  return isReady(server) && !server.spec.unschedulable && offers(server, snapshot) && room(snapshot, server) > 0
}

function offers({ spec }: DatabaseServer, { names }: Snapshot): boolean {
  return spec.isolation.includes(names.isolation)
}

function room({ placed }: Snapshot, server: DatabaseServer): number {
  const { maxTenants } = server.spec.capacity
  return (maxTenants ?? Number.MAX_SAFE_INTEGER) - (placed[nameOf(server)] ?? 0)
}

function whyNot(
  snapshot: Snapshot,
  desired: DesiredServer,
  matching: readonly DatabaseServer[],
  allowed: readonly DatabaseServer[],
): Verdict {
  const { server, field } = desired
  if (server !== undefined && matching.length === 0) {
    return {
      reason: 'DatabaseServerNotFound',
      message: `${field('server')} names the DatabaseServer ${server}, which does not exist. Create it, or name another one.`,
    }
  }
  if (snapshot.servers.length === 0) {
    return {
      reason: 'NoDatabaseServer',
      message:
        'There is no DatabaseServer. Create one with the address of PostgreSQL and the credentials of an administrator.',
    }
  }
  const [excluded] = allowed.length > 0 ? [] : matching
  const msp = excluded === undefined ? undefined : forbidding(snapshot, nameOf(excluded))
  if (msp !== undefined) return noneAllowed(desired, matching, msp)
  const notReady = allowed.filter((each) => !isReady(each)).map(nameOf)
  if (notReady.length === allowed.length && notReady.length > 0) {
    return {
      reason: 'DatabaseServerNotReady',
      message: `Waits for the DatabaseServer ${notReady.toSorted().join(', ')} to become ready; its conditions name the cause.`,
    }
  }
  if (allowed.length > 0 && !allowed.some((each) => offers(each, snapshot))) {
    const names = allowed.map(nameOf).toSorted().join(', ')
    return {
      reason: 'IsolationNotOffered',
      message: `None of the database servers ${names} offers isolation ${snapshot.names.isolation} (their spec.isolation). Let one offer it, or ask for another in spec.database.isolation.`,
    }
  }
  return { reason: 'NoDatabaseServer', message: noneFits(allowed, desired, snapshot.names.isolation) }
}

function noneAllowed(
  { server, field, selector }: DesiredServer,
  matching: readonly DatabaseServer[],
  msp: Tenant,
): Verdict {
  const names = matching.map(nameOf).toSorted().join(', ')
  if (server !== undefined) return notAllowed(`${field('server')}: ${server} is not among`, msp, 'Name one of those')
  const which = selector === undefined ? '' : `that ${field('serverSelector')} asks for `
  const wayOut = selector === undefined ? 'Add a DatabaseServer of such a name' : 'Change the selector'
  return notAllowed(`None of the database servers ${which}(${names}) is among`, msp, wayOut)
}

function noneFits(allowed: readonly DatabaseServer[], { field }: DesiredServer, isolation: Isolation): string {
  if (allowed.length === 0) {
    return `No DatabaseServer has the labels that ${field('serverSelector')} asks for. Label one, or change the selector.`
  }
  const names = allowed.map(nameOf).toSorted().join(', ')
  return `None of the database servers ${names} takes a further tenant with isolation ${isolation}: each is not ready, unschedulable, full (spec.capacity.maxTenants), or does not offer that isolation. Free some capacity, or add a DatabaseServer.`
}

function nameOf({ metadata }: DatabaseServer): string {
  return metadata.name
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
