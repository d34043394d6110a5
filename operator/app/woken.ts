/** Whom a change concerns, by what the caches know now: the keys that it wakes. */
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
  claim: 'claim',
} as const

const wakeTenants = (found: readonly Tenant[]): Wake[] =>
  found.map((tenant) => ({ controller: controllers.tenant, key: keyOf(tenant) }))
const wakeAdmins = (found: readonly TenantAdmin[]): Wake[] =>
  found.map((admin) => ({ controller: controllers.admin, key: keyOf(admin) }))

const wakeGrants = (found: readonly AccessGrant[]): Wake[] =>
  found.map((grant) => ({ controller: controllers.grant, key: keyOf(grant) }))

/** Those whom a change concerns that is not their own, and that concerns many. */
export function afterOthers(woken: readonly Wake[]): Wake[] {
  return woken.map((each) => ({ ...each, low: true }))
}

/** Whom a change among tenants and their people concerns, by what the caches know now. */
export function kin({ tenants, admins, claims, grants }: Sources) {
  const caches = { tenants: tenants.cache, admins: admins.cache, claims: claims.cache }
  const ofUid = (uid: string | undefined) => (uid === undefined ? [] : wakeTenants(tenants.cache.by('uid', uid)))
  const customers = (tenant: Tenant) => customersOf(tenant, caches)
  const staff = (tenant: Tenant) => adminsOf(tenant, tenant.status?.namespace, caches)
  const granted = (found: readonly Tenant[]) =>
    wakeGrants(found.flatMap((tenant) => grants.cache.by('tenantRef', keyOf(tenant))))
  return {
    ofUid,
    grantsOfUid: (uid: string | undefined): Wake[] => granted(uid === undefined ? [] : tenants.cache.by('uid', uid)),
    /** Its tenant, and the other masquerades of the same user with theirs: one at a time. */
    aroundGrant: (grant: AccessGrant): Wake[] => {
      const others = grant.spec.type === 'Masquerade' ? grants.cache.by('masquerader', grant.spec.username) : []
      const found = [grant, ...others].map(({ metadata, spec }) =>
        tenants.cache.get(`${metadata.namespace ?? ''}/${spec.tenantRef.name}`),
      )
      return [...wakeTenants(found.filter((tenant) => tenant !== undefined)), ...wakeGrants(others)]
    },
    aroundClaim: (claim: NameClaim): Wake[] => wakeTenants(aroundClaim(claim, caches)),
    aroundNames: (tenant: Tenant): Wake[] => wakeTenants(aroundNames(tenant, caches)),
    /**
     * Its parent counts customers; its customers follow its state and admins; its admins' invites and the access that is
     * granted to it wait for it.
     */
    aroundTenant: (tenant: Tenant): Wake[] => {
      const below = customers(tenant)
      const above = ownerOf(tenant.metadata.namespace, caches)
      const near = [
        ...wakeTenants(above === undefined ? [] : [above]),
        ...wakeAdmins(staff(tenant)),
        ...granted([tenant]),
      ]
      return [...near, ...afterOthers([...wakeTenants(below), ...wakeAdmins(below.flatMap(staff)), ...granted(below)])]
    },
    /** Its tenant binds and counts it, the tenant's customers inherit it, a username may become free for another one. */
    aroundAdmin: (admin: TenantAdmin): Wake[] => {
      const own = tenantOf(admin, caches)
      if (own === undefined) return []
      const below = customers(own)
      const inherited = afterOthers([...wakeTenants(below), ...granted(below)])
      return [...wakeTenants([own]), ...wakeAdmins(staff(own)), ...inherited]
    },
  }
}

/** Whom a change of what many share concerns: a plan, a server, a Secret. */
export function shared({ tenants, admins, claims, plans }: Sources) {
  const lacking = (what: keyof typeof lack) => tenants.cache.by('lacking', lack[what])
  const caches = { admins: admins.cache, claims: claims.cache }
  const staff = (tenant: Tenant) => adminsOf(tenant, tenant.status?.namespace, caches)
  const declaredIn = ({ status }: Tenant) =>
    status?.namespace === undefined ? [] : admins.cache.by('lyingIn', status.namespace)
  return {
    /** The Tenants and TenantAdmins in it. */
    inNamespace: (namespace: NamespaceView): Wake[] => [
      ...afterOthers(wakeTenants(tenants.cache.by('lyingIn', namespace.name))),
      ...wakeAdmins(admins.cache.by('ownNamespace', namespace.name)),
    ],
    /** The tenants that have the plan, but for those that are as it asks already. */
    behind: ({ metadata: { name } }: TenantPlan): Wake[] => {
      const declared = plans.cache.get(name)
      const plan = declared && inForce(declared)
      return wakeTenants(tenants.cache.by('plan', name).filter((tenant) => !isAsAsked(tenant, plan)))
    },
    /** The tenants that name no plan. */
    undecided: (): Wake[] => wakeTenants(lacking('choice')),
    /** Its tenants' admins and those who are invited in their name. */
    onPlan: (plan: string): Wake[] =>
      wakeAdmins(tenants.cache.by('plan', plan).flatMap((tenant) => [...staff(tenant), ...declaredIn(tenant)])),
    /** The tenants that have no plan yet, and those that have another one and ask for this. */
    waitingFor: ({ metadata: { name }, spec: { default: isDefault } }: TenantPlan): Wake[] => {
      const undecided = isDefault ? lacking('choice').filter(({ status }) => status?.plan !== name) : []
      return wakeTenants([...new Set([...lacking('plan'), ...tenants.cache.by('asking', name), ...undecided])])
    },
    /** The tenants on this server. */
    placedOn: (server: string): Wake[] =>
      claims.cache.by('server', server).flatMap(({ holder }) => wakeTenants(tenants.cache.by('uid', holder))),
    /** The tenants that wait for a place. */
    unplaced: (): Wake[] => wakeTenants(lacking('place')),
    /** The admins whose invites are open: a key that is gone takes their links with it. */
    uninvited: (): Wake[] => wakeAdmins(admins.cache.by('unaccepted', unacceptedTerm)),
    /** The tenants whose license lies there. */
    onLicense: (key: Key): Wake[] => wakeTenants(tenants.cache.by('license', key)),
    /** The admins whose first password lies there. */
    onPassword: (key: Key): Wake[] => wakeAdmins(admins.cache.by('password', key)),
  }
}
