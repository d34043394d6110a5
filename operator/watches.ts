/**
 * The watch table: which changes wake which keys. A reconciler reads the world again, so a row may wake too many and must
 * never wake too few.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Tenant } from './api/tenant.ts'
import type { TenantAdmin } from './api/tenantadmin.ts'
import { labels } from './api/names.ts'
import { itself, watch } from './operator.ts'
import type { Wake, WatchRow } from './operator.ts'
import { keyOf } from './runtime/object.ts'
import type { Change } from './runtime/object-store.ts'
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

const wakeTenants = (found: readonly Tenant[]): Wake[] =>
  found.map((tenant) => ({ controller: controllers.tenant, key: keyOf(tenant) }))
const wakeAdmins = (found: readonly TenantAdmin[]): Wake[] =>
  found.map((admin) => ({ controller: controllers.admin, key: keyOf(admin) }))

export function watchTable(sources: Sources): readonly WatchRow[] {
  const related = relations(sources)
  return [
    watch(sources.tenants, itself(controllers.tenant)),
    watch(sources.tenants, (tenant) => related.aroundTenant(tenant), turns(tenantFace)),
    watch(sources.admins, itself(controllers.admin)),
    watch(sources.admins, (admin) => related.aroundAdmin(admin), turns(adminFace)),
    watch(sources.grants, itself(controllers.grant)),
    watch(sources.plans, itself(controllers.plan)),
    watch(
      sources.plans,
      (plan) => related.onPlan(plan.metadata.name),
      turns(({ metadata }) => metadata.generation),
    ),
    // It is looked at by the clock; its own status is no news.
    watch(
      sources.servers,
      itself(controllers.server),
      turns(({ metadata }) => metadata.generation),
    ),
    watch(sources.servers, (server) => related.onServer(server.metadata.name)),
    watch(sources.namespaces, (namespace) => related.aroundNamespace(namespace)),
    watch(sources.claims, ({ holder }) => related.ofUid(holder)),
    watch(sources.keys, itself(controllers.keys)),
    watch(sources.keys, () => related.uninvited()),
    watch(sources.passwords, (_secret, key) => related.onPassword(key)),
    watch(sources.acceptances, ({ admin }) => [{ controller: controllers.admin, key: admin }]),
    ...Object.values(sources.children).map((source) => watch(source, ({ tenantUid }) => related.ofUid(tenantUid))),
  ]
}

/** Whether what `face` shows of an object is another than it was; always, when it comes or goes. */
function turns<V>(face: (value: V) => unknown): (change: Change<V>) => boolean {
  return ({ before, after }) =>
    before === undefined || after === undefined || !isDeepStrictEqual(face(before), face(after))
}

/** What others read of a Tenant: not its messages and counts, or a thousand customers would wake each other. */
function tenantFace({ metadata, status }: Tenant): unknown {
  const { phase, namespace, plan, cloudId, subdomain, host, state } = status ?? {}
  const conditions = status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)
  const { generation, deletionTimestamp } = metadata
  return { generation, deletionTimestamp, phase, namespace, plan, cloudId, subdomain, host, state, conditions }
}

/** What others read of a TenantAdmin: not how the mail fares. */
function adminFace({ metadata, status }: TenantAdmin): unknown {
  const { phase, user, invite, consent } = status ?? {}
  const { status: invited, acceptedAt, sequence } = invite ?? {}
  const { generation, deletionTimestamp } = metadata
  return { generation, deletionTimestamp, phase, user, invited, acceptedAt, sequence, consent }
}

function firstPasswordOf({ metadata, spec }: TenantAdmin): Key | undefined {
  return spec.passwordSecretRef && `${metadata.namespace ?? ''}/${spec.passwordSecretRef.name}`
}

/** Who has to do with whom, by what the caches know now. */
function relations(sources: Sources) {
  const { tenants, claims, admins } = sources
  const { ofUid, customersOf, adminsOf, tenantsOf } = kinship(sources)
  const waiting = (lacks: (status: Tenant['status']) => boolean) =>
    wakeTenants([...tenants.cache.values()].filter(({ status }) => lacks(status)))
  return {
    ofUid,
    /** Its parent counts customers; its customers follow its state and admins; its admins' invites wait for it. */
    aroundTenant: (tenant: Tenant): Wake[] => {
      const customers = customersOf(tenant)
      const parents = tenants.cache.by('owning', tenant.metadata.namespace ?? '')
      return [...wakeTenants([...customers, ...parents]), ...wakeAdmins([tenant, ...customers].flatMap(adminsOf))]
    },
    /** Its tenant binds and counts it, the tenant's customers inherit it, a username may become free for another one. */
    aroundAdmin: (admin: TenantAdmin): Wake[] => {
      const own = tenantsOf(admin)
      return [...wakeTenants([...own, ...own.flatMap(customersOf)]), ...wakeAdmins(own.flatMap(adminsOf))]
    },
    /** The admins whose invites are open: a key that is gone takes their links with it. */
    uninvited: (): Wake[] =>
      wakeAdmins([...admins.cache.values()].filter(({ status }) => status?.invite?.acceptedAt === undefined)),
    /** The admins whose first password lies there. */
    onPassword: (key: Key): Wake[] =>
      wakeAdmins([...admins.cache.values()].filter((admin) => firstPasswordOf(admin) === key)),
    /** Its tenants and the roles of their admins, and the tenants that have no plan yet. */
    onPlan: (plan: string): Wake[] => [
      ...wakeTenants(tenants.cache.by('plan', plan)),
      ...wakeAdmins(tenants.cache.by('plan', plan).flatMap(adminsOf)),
      ...waiting((status) => status?.plan === undefined),
    ],
    /** The tenants placed there, and those that wait for a place. */
    onServer: (server: string): Wake[] => [
      ...claims.cache.by('server', server).flatMap(({ holder }) => ofUid(holder)),
      ...waiting((status) => status?.database === undefined),
    ],
    /** The tenant that owns it; the Tenants and TenantAdmins in it, since its labels say whether they may be there. */
    aroundNamespace: (namespace: NamespaceView): Wake[] => [
      ...ofUid(namespace.labels[labels.tenantUid]),
      ...wakeTenants(tenants.cache.by('lyingIn', namespace.name)),
      ...wakeAdmins(admins.cache.by('ownNamespace', namespace.name)),
    ],
  }
}

function kinship({ tenants, admins }: Sources) {
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
  const ofUid = (uid: string | undefined) => (uid === undefined ? [] : wakeTenants(tenants.cache.by('uid', uid)))
  return { ofUid, customersOf, adminsOf, tenantsOf }
}
