/**
 * The watch table: which changes wake which keys. A reconciler reads the world again, so a row may wake too many and must
 * never wake too few.
 */
import type { Tenant } from './api/tenant.ts'
import type { TenantAdmin } from './api/tenantadmin.ts'
import { labels } from './api/names.ts'
import { itself, watch } from './operator.ts'
import type { Wake, WatchRow } from './operator.ts'
import { keyOf } from './runtime/object.ts'
import type { Key } from './runtime/reconcile.ts'
import type { Sources } from './sources.ts'
import type { NamespaceView } from './tenant/sources.ts'

export const controllers = {
  tenant: 'tenant',
  admin: 'tenantadmin',
  grant: 'accessgrant',
  plan: 'tenantplan',
  server: 'databaseserver',
  keys: 'signingkeys',
} as const

const wake =
  (controller: string) =>
  (key: Key): Wake => ({ controller, key })
const tenantWake = wake(controllers.tenant)
const adminWake = wake(controllers.admin)

export function watchTable(sources: Sources): readonly WatchRow[] {
  const related = relations(sources)
  return [
    watch(sources.tenants, itself(controllers.tenant)),
    watch(sources.tenants, (tenant) => related.aroundTenant(tenant)),
    watch(sources.admins, itself(controllers.admin)),
    watch(sources.admins, (admin) => related.aroundAdmin(admin)),
    watch(sources.grants, itself(controllers.grant)),
    watch(sources.plans, itself(controllers.plan)),
    watch(sources.plans, (plan) => related.onPlan(plan.metadata.name)),
    watch(sources.servers, itself(controllers.server)),
    watch(sources.servers, (server) => related.onServer(server.metadata.name)),
    watch(sources.namespaces, (namespace) => related.aroundNamespace(namespace)),
    watch(sources.claims, ({ holder }) => related.ofUid(holder)),
    watch(sources.acceptances, ({ admin }) => [adminWake(admin)]),
    ...Object.values(sources.children).map((source) => watch(source, ({ tenantUid }) => related.ofUid(tenantUid))),
  ]
}

function relations({ tenants, admins, claims }: Sources) {
  const all = (found: readonly Tenant[]): Wake[] => found.map((tenant) => tenantWake(keyOf(tenant)))
  const ofUid = (uid: string | undefined) => (uid === undefined ? [] : all(tenants.cache.by('uid', uid)))
  const customersOf = (tenant: Tenant) =>
    tenant.status?.namespace === undefined ? [] : tenants.cache.by('lyingIn', tenant.status.namespace)
  const adminsOf = (tenant: Tenant): readonly TenantAdmin[] => [
    ...admins.cache.by('tenantRef', keyOf(tenant)),
    ...(tenant.status?.namespace === undefined ? [] : admins.cache.by('ownNamespace', tenant.status.namespace)),
  ]
  const tenantsOf = ({ metadata, spec }: TenantAdmin): readonly Tenant[] => {
    const namespace = metadata.namespace ?? ''
    if (spec.tenantRef === undefined) return tenants.cache.by('owning', namespace)
    const beside = tenants.cache.get(`${namespace}/${spec.tenantRef.name}`)
    return beside === undefined ? [] : [beside]
  }
  const wakeAdmins = (found: readonly TenantAdmin[]) => found.map((admin) => adminWake(keyOf(admin)))
  return {
    ofUid,
    /** Its parent counts customers; its customers follow its state and admins; its admins' invites wait for it. */
    aroundTenant: (tenant: Tenant): Wake[] => {
      const customers = customersOf(tenant)
      const parents = tenants.cache.by('owning', tenant.metadata.namespace ?? '')
      return [...all(customers), ...all(parents), ...wakeAdmins([tenant, ...customers].flatMap(adminsOf))]
    },
    /** Its tenant binds and counts it, the tenant's customers inherit it, a username may become free for another one. */
    aroundAdmin: (admin: TenantAdmin): Wake[] => {
      const own = tenantsOf(admin)
      return [...all(own), ...all(own.flatMap(customersOf)), ...wakeAdmins(own.flatMap(adminsOf))]
    },
    /** Its tenants, and those that have none yet. */
    onPlan: (plan: string): Wake[] => [
      ...all(tenants.cache.by('plan', plan)),
      ...all([...tenants.cache.values()].filter(({ status }) => status?.plan === undefined)),
    ],
    /** The tenants placed there, and those that wait for a place. */
    onServer: (server: string): Wake[] => [
      ...claims.cache.by('server', server).flatMap(({ holder }) => ofUid(holder)),
      ...all([...tenants.cache.values()].filter(({ status }) => status?.database === undefined)),
    ],
    /** The tenant that owns it; the Tenants and TenantAdmins in it, since its labels say whether they may be there. */
    aroundNamespace: (namespace: NamespaceView): Wake[] => [
      ...ofUid(namespace.labels[labels.tenantUid]),
      ...all(tenants.cache.by('lyingIn', namespace.name)),
      ...wakeAdmins(admins.cache.by('ownNamespace', namespace.name)),
    ],
  }
}
