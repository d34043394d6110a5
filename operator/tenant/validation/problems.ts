/**
 * The problems that a Tenant can have, as an ordered list of named rules. A problem makes the tenant Stalled: nothing new
 * is made for it, and what exists is kept and repaired. Pure.
 */
import { labels } from '../../api/names.ts'
import { hasStarted } from '../model/life-stage.ts'
import { adoptionProblem } from './adoption-problems.ts'
import { isHeldBy } from '../model/name-claim.ts'
import { customerLimitOf } from '../../domain/customer-limit.ts'
import { databaseSizeNotAllowed } from './database-size.ts'
import { nameTaken } from '../model/name-conflict.ts'
import { licenseRefused } from '../lifecycle/license-rules.ts'
import { parentKept } from '../lifecycle/prerequisites.ts'
import { bearsMark } from '../../domain/marks.ts'
import type { Identity } from '../../domain/marks.ts'
import type { NameClaim } from '../../domain/caches.ts'
import { parameterBeyond } from './parameter-rules.ts'
import { choosePlan } from '../model/tenant-plan.ts'
import { connectionLimitOf, serverForbidden } from './placement.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantSettings } from '../model/settings.ts'
import type { Check, Verdict } from '../../api/verdict.ts'

type Rule = Check<Snapshot>

export const misplaced: Rule = ({ home, tenant }) => {
  if (home.kind === 'Msp' && tenant.spec.type === 'MSP') return mspInMsp(home.parent.metadata.name)
  if (home.kind === 'Kept') return parentKept(home.msp)
  if (home.kind !== 'NotAHome') return undefined
  const { namespace } = tenant.metadata
  return {
    reason: 'Misplaced',
    message: `The namespace ${namespace} is neither a home namespace nor that of an MSP. Create the Tenant elsewhere, or let an administrator label the namespace ${labels.home}=true.`,
  }
}

/** The customers of the lower MSP would escape the count, and their hosts could pass for those of another MSP. */
function mspInMsp(parent: string): Verdict {
  return {
    reason: 'Misplaced',
    message: `spec.type is MSP, but the namespace is that of the MSP ${parent}. Create an MSP in a home namespace.`,
  }
}

export const subdomainMissing: Rule = ({ names }) =>
  names.subdomain !== undefined
    ? undefined
    : {
        reason: 'SubdomainMissing',
        message:
          'The Cloud ID does not fit as a subdomain. Give spec.subdomain: a lower-case letter and at most nine lower-case letters and digits.',
      }

/** An Ingress of such a tenant would receive the tokens of invites. */
function isOfPages(host: string, { pagesHost }: TenantSettings): boolean {
  return pagesHost === host || pagesHost.endsWith(`.${host}`)
}

export const subdomainReserved: Rule = (snapshot) => {
  const { names, home, settings, renaming } = snapshot
  const { subdomain = names.subdomain, host = names.host } = renaming.wanted
  const kept = hasStarted(snapshot) && subdomain === names.subdomain
  if (host !== undefined && !kept && isOfPages(host, settings))
    return {
      reason: 'SubdomainReserved',
      message: `The host name ${host} is that of the page on which admins accept invites, or above it. Set another subdomain in spec.subdomain.`,
    }
  if (home.kind === 'Msp' || subdomain === undefined || kept) return undefined
  if (!settings.reservedSubdomains.includes(subdomain)) return undefined
  return {
    reason: 'SubdomainReserved',
    message: `The subdomain ${subdomain} is reserved. Set another one in spec.subdomain.`,
  }
}

/** CloudIdConflict; the next, HostConflict. Their messages: model/name-conflict.ts. */
export const cloudIdTaken: Rule = ({ claims, names, identity, renaming }) => {
  const { wanted, cycles, decided } = renaming
  if (decided.length > 0) return undefined
  if (isForeign(claims.cloudId, identity)) return nameTaken('CloudId', names.cloudId, claims.cloudId, identity)
  if (!isForeign(renaming.claims.cloudId, identity) || cycles.cloudId !== undefined) return undefined
  return nameTaken('CloudId', wanted.cloudId, renaming.claims.cloudId, identity)
}

export const hostTaken: Rule = ({ claims, names, identity, renaming }) => {
  const { wanted, cycles, decided } = renaming
  if (decided.length > 0) return undefined
  if (isForeign(claims.host, identity)) return nameTaken('Host', names.host, claims.host, identity)
  const inSwap = cycles.host !== undefined || cycles.cloudId !== undefined
  if (!isForeign(renaming.claims.host, identity) || inSwap) return undefined
  return nameTaken('Host', wanted.host, renaming.claims.host, identity)
}

function isForeign(claim: NameClaim | undefined, identity: Identity): claim is NameClaim {
  return claim !== undefined && !isHeldBy(claim, identity)
}

export const planNotAllowed: Rule = (snapshot) => {
  const { home, tenant } = snapshot
  const { plan } = choosePlan(snapshot)
  if (home.kind !== 'Msp' || plan === undefined) return undefined
  const strict = home.ancestors.find(({ spec }) => spec.customers?.plans?.includes(plan.metadata.name) === false)
  if (strict === undefined) return undefined
  const allowed = strict.spec.customers?.plans?.join(', ') ?? ''
  const field = tenant.spec.plan === undefined ? 'The default plan' : 'spec.plan:'
  return {
    reason: 'PlanNotAllowed',
    message: `${field} ${plan.metadata.name} is not among the plans that the parent MSP ${strict.metadata.name} may give its customers (${allowed}). Name one of those in spec.plan.`,
  }
}

export const serverNotAllowed: Rule = (snapshot) => serverForbidden(snapshot, choosePlan(snapshot).plan)

/** Existing customers keep their seat, also while deleted and retained; of the others the oldest come first. */
export const tooManyCustomers: Rule = (snapshot) => {
  const { home, siblings, seatsTaken, tenant } = snapshot
  const limit = home.kind === 'Msp' ? customerLimitOf(home.parent) : undefined
  if (limit === undefined || hasStarted(snapshot)) return undefined
  const mine = siblings.findIndex(({ metadata }) => metadata.uid === tenant.metadata.uid)
  const older = siblings.slice(0, Math.max(mine, 0)).map(({ metadata }) => metadata.uid ?? '')
  const ahead = new Set([...seatsTaken, ...older])
  if (ahead.size < limit.max) return undefined
  return {
    reason: 'CustomerLimitReached',
    message: tooMany[limit.by](limit.max),
  }
}

const tooMany = {
  'spec.customers.max': (max: number) =>
    `The parent MSP has reached its limit of customers (its spec.customers.max: ${max}). Delete a customer with its data, or ask for a higher limit.`,
  license: (max: number) =>
    `The parent MSP has reached the limit of customers of its license (${max}). Delete a customer with its data, or give the MSP a license for more.`,
} as const

export const expiryNotAllowed: Rule = ({ home, tenant }) => {
  const latest = home.kind === 'Msp' ? home.parent.spec.customers?.latestExpiry : undefined
  const { expiresAt } = tenant.spec
  if (latest === undefined || expiresAt === undefined || Date.parse(expiresAt) <= Date.parse(latest)) return undefined
  return {
    reason: 'ExpiryNotAllowed',
    message: `spec.expiresAt is later than the parent MSP allows its customers (${latest}). Set an earlier time.`,
  }
}

/** An MSP's admins choose for its customers within their plans, and not beyond them at the cost of others. */
export const connectionLimitNotAllowed: Rule = (snapshot) => {
  const { plan } = choosePlan(snapshot)
  const { connectionLimit } = snapshot.tenant.spec.database
  if (plan === undefined || connectionLimit === undefined || connectionLimit === connectionLimitOf(snapshot, plan))
    return undefined
  return {
    reason: 'ConnectionLimitNotAllowed',
    message: `spec.database.connectionLimit: ${connectionLimit} is more than the TenantPlan ${plan.metadata.name} gives to customers of an MSP (${connectionLimitOf(snapshot, plan)}). Give a lower one, or none.`,
  }
}

export const parameterNotAllowed: Rule = (snapshot) => {
  const { plan } = choosePlan(snapshot)
  const beyond = plan && parameterBeyond(snapshot, plan)
  if (plan === undefined || beyond === undefined) return undefined
  const { name, value, most } = beyond
  return {
    reason: 'ParameterNotAllowed',
    message: `spec.database.parameters.${name}: ${value} goes beyond what the TenantPlan ${plan.metadata.name} gives to customers of an MSP (${most}). Give a stricter value, or none.`,
  }
}

export const adoptionRefused: Rule = ({ adoption }) => adoptionProblem(adoption)

/**
 * The data lies on the server of the first placement; a later change of a selector or default applies to later tenants.
 */
export const serverFixed: Rule = ({ tenant, names }) => {
  const asked = tenant.spec.database.server
  if (names.server === undefined || asked === undefined || asked === names.server) return undefined
  return {
    reason: 'DatabaseServerFixed',
    message: `spec.database.server: ${asked} differs from the DatabaseServer that the tenant's data is on (${names.server}), and can no longer be changed. Set it back to ${names.server}; to change it, create another Tenant and move the data.`,
  }
}

/** A later change of the plan's default applies to later tenants. */
export const isolationFixed: Rule = ({ tenant, names }) => {
  const asked = tenant.spec.database.isolation
  if (names.server === undefined || asked === undefined || asked === names.isolation) return undefined
  return {
    reason: 'IsolationFixed',
    message: `spec.database.isolation: ${asked} differs from how the tenant's data is kept (${names.isolation}), and can no longer be changed. Set it back to ${names.isolation}; to change it, create another Tenant and move the data.`,
  }
}

export const severalDefaultPlans: Rule = (snapshot) => {
  const { without, needsPerson } = choosePlan(snapshot)
  return needsPerson ? without : undefined
}

/** The rules in the order in which their problems are reported. */
export const problems: readonly Rule[] = [
  misplaced,
  adoptionRefused,
  subdomainMissing,
  subdomainReserved,
  cloudIdTaken,
  hostTaken,
  licenseRefused,
  severalDefaultPlans,
  planNotAllowed,
  serverNotAllowed,
  tooManyCustomers,
  expiryNotAllowed,
  connectionLimitNotAllowed,
  databaseSizeNotAllowed,
  parameterNotAllowed,
  serverFixed,
  isolationFixed,
]

/** A foreign namespace under the tenant's name: nothing is put into it, and it is never deleted. */
export const namespaceForeign: Rule = ({ namespace, identity }) =>
  namespace === undefined || bearsMark(namespace, identity)
    ? undefined
    : {
        reason: 'NamespaceConflict',
        message: `The namespace ${namespace.name} exists and does not belong to this tenant. Remove it, or give another Cloud ID in spec.cloudId.`,
      }
