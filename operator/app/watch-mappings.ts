/** The map functions of the watch table: a changed object → the keys that it wakes, by the caches as they are now. */
import type { AccessGrant } from '../api/accessgrant.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import { lack, unacceptedTerm } from '../domain/caches.ts'
import type { NameClaim, NamespaceView } from '../domain/caches.ts'
import { aroundClaim, aroundNames } from '../domain/name-dependents.ts'
import { adminsOf, customersOf, ownerOf, tenantOf } from '../domain/ownership.ts'
import { inForce } from '../domain/plan-in-force.ts'
import { isAsAsked } from '../domain/plan-revision.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { Key } from '../runtime/queue/reconcile.ts'
import type { Wake } from './operator.ts'
import type { Sources } from './sources.ts'

export const controllers = {
  tenant: 'tenant',
  admin: 'tenantadmin',
  grant: 'accessgrant',
  plan: 'tenantplan',
  server: 'databaseserver',
  keys: 'signingkeys',
  formerRecords: 'formerrecords',
  claim: 'claim',
} as const

const wakeTenants = (found: readonly Tenant[]): Wake[] =>
  found.map((tenant) => ({ controller: controllers.tenant, key: keyOf(tenant) }))
const wakeAdmins = (found: readonly TenantAdmin[]): Wake[] =>
  found.map((admin) => ({ controller: controllers.admin, key: keyOf(admin) }))

const wakeGrants = (found: readonly AccessGrant[]): Wake[] =>
  found.map((grant) => ({ controller: controllers.grant, key: keyOf(grant) }))

/** The same keys with low priority: for changes that concern many objects and are not their own. */
export function withLowPriority(woken: readonly Wake[]): Wake[] {
  return woken.map((each) => ({ ...each, low: true }))
}

const grantsOf = (found: readonly Tenant[], grants: Sources['grants']): Wake[] =>
  wakeGrants(found.flatMap((tenant) => grants.cache.by('tenantRef', keyOf(tenant))))

function wakesOfGrants({ tenants, grants }: Pick<Sources, 'tenants' | 'grants'>) {
  return {
    grantsOfUid: (uid: string | undefined): Wake[] =>
      grantsOf(uid === undefined ? [] : tenants.cache.by('uid', uid), grants),
    /** The tenant of the grant, and the other masquerades of the same user with their tenants: one at a time. */
    aroundGrant: (grant: AccessGrant): Wake[] => {
      const others = grant.spec.type === 'Masquerade' ? grants.cache.by('masquerader', grant.spec.username) : []
      const found = [grant, ...others].map(({ metadata, spec }) =>
        tenants.cache.get(`${metadata.namespace ?? ''}/${spec.tenantRef.name}`),
      )
      return [...wakeTenants(found.filter((tenant) => tenant !== undefined)), ...wakeGrants(others)]
    },
  }
}

/** The keys that a change of a Tenant, a TenantAdmin, an AccessGrant or a name claim wakes. */
export function wakesOfTenants({ tenants, admins, claims, grants }: Sources) {
  const caches = { tenants: tenants.cache, admins: admins.cache, claims: claims.cache }
  const tenantsByUid = (uid: string | undefined) => (uid === undefined ? [] : wakeTenants(tenants.cache.by('uid', uid)))
  const customers = (tenant: Tenant) => customersOf(tenant, caches)
  const staff = (tenant: Tenant) => adminsOf(tenant, tenant.status?.namespace, caches)
  const granted = (found: readonly Tenant[]) => grantsOf(found, grants)
  return {
    ...wakesOfGrants({ tenants, grants }),
    tenantsByUid,
    aroundClaim: (claim: NameClaim): Wake[] => wakeTenants(aroundClaim(claim, caches)),
    aroundNames: (tenant: Tenant): Wake[] => wakeTenants(aroundNames(tenant, caches)),
    /**
     * The parent counts its customers. The customers follow the tenant's state and admins. The invites of its admins and
     * the access that is granted to it wait for it.
     */
    aroundTenant: (tenant: Tenant): Wake[] => {
      const below = customers(tenant)
      const above = ownerOf(tenant.metadata.namespace, caches)
      const near = [
        ...(above === undefined ? [] : wakeTenants([above])),
        ...wakeAdmins(staff(tenant)),
        ...granted([tenant]),
      ]
      const far = [...wakeTenants(below), ...wakeAdmins(below.flatMap(staff)), ...granted(below)]
      return [...near, ...withLowPriority(far)]
    },
    /** The tenant binds and counts the admin, the customers inherit it, and its username may become free for another. */
    aroundAdmin: (admin: TenantAdmin): Wake[] => {
      const own = tenantOf(admin, caches)
      if (own === undefined) return []
      const below = customers(own)
      const inherited = withLowPriority([...wakeTenants(below), ...granted(below)])
      return [...wakeTenants([own]), ...wakeAdmins(staff(own)), ...inherited]
    },
  }
}

/** The keys that a change of a TenantPlan wakes. */
function wakesOfPlans({ tenants, admins, claims, plans }: Sources) {
  const lacking = (what: keyof typeof lack) => tenants.cache.by('lacking', lack[what])
  const caches = { admins: admins.cache, claims: claims.cache }
  const staff = (tenant: Tenant) => adminsOf(tenant, tenant.status?.namespace, caches)
  const declaredIn = ({ status }: Tenant) =>
    status?.namespace === undefined ? [] : admins.cache.by('lyingIn', status.namespace)
  return {
    /** The tenants of the plan that are not at its current revision yet. */
    tenantsNotAtRevision: ({ metadata: { name } }: TenantPlan): Wake[] => {
      const declared = plans.cache.get(name)
      const plan = declared && inForce(declared)
      return wakeTenants(tenants.cache.by('plan', name).filter((tenant) => !isAsAsked(tenant, plan)))
    },
    /** The tenants that name no plan. */
    tenantsWithoutPlanChoice: (): Wake[] => wakeTenants(lacking('choice')),
    /** The admins of the plan's tenants, and the TenantAdmins that are declared in their namespaces. */
    adminsOnPlan: (plan: string): Wake[] =>
      wakeAdmins(tenants.cache.by('plan', plan).flatMap((tenant) => [...staff(tenant), ...declaredIn(tenant)])),
    /** The tenants that have no plan yet, and those that have another one and ask for this one. */
    tenantsWaitingForPlan: ({ metadata: { name }, spec: { default: isDefault } }: TenantPlan): Wake[] => {
      const tenantsWithoutPlanChoice = isDefault ? lacking('choice').filter(({ status }) => status?.plan !== name) : []
      return wakeTenants([
        ...new Set([...lacking('plan'), ...tenants.cache.by('asking', name), ...tenantsWithoutPlanChoice]),
      ])
    },
  }
}

/** The keys that a change of a shared object wakes: a namespace, a TenantPlan, a DatabaseServer, a Secret. */
export function wakesOfShared(sources: Sources) {
  const { tenants, admins, claims } = sources
  const lacking = (what: keyof typeof lack) => tenants.cache.by('lacking', lack[what])
  return {
    ...wakesOfPlans(sources),
    /** The Tenants and TenantAdmins in the namespace. */
    tenantsAndAdminsIn: (namespace: NamespaceView): Wake[] => [
      ...withLowPriority(wakeTenants(tenants.cache.by('lyingIn', namespace.name))),
      ...wakeAdmins(admins.cache.by('ownNamespace', namespace.name)),
    ],
    /** The tenants on this server. */
    tenantsOnServer: (server: string): Wake[] =>
      claims.cache.by('server', server).flatMap(({ holder }) => wakeTenants(tenants.cache.by('uid', holder))),
    /** The tenants that wait for a DatabaseServer. */
    tenantsWithoutServer: (): Wake[] => wakeTenants(lacking('server')),
    /** The admins whose invites are open: their links end when the signing key is removed. */
    adminsWithOpenInvites: (): Wake[] => wakeAdmins(admins.cache.by('unaccepted', unacceptedTerm)),
    /** The tenants whose license is in this Secret. */
    tenantsWithLicense: (key: Key): Wake[] => wakeTenants(tenants.cache.by('license', key)),
    /** The tenant of the admin `namespace/name`. */
    tenantOfAdmin: (admin: Key): Wake[] => {
      const found = admins.cache.get(admin)
      const tenant = found && tenantOf(found, { tenants: tenants.cache })
      return tenant === undefined ? [] : wakeTenants([tenant])
    },
    /** The admins whose first password is in this Secret. */
    adminsWithPassword: (key: Key): Wake[] => wakeAdmins(admins.cache.by('password', key)),
  }
}
