/**
 * The watch table: which changes wake which keys. A reconciler reads the world again, so a row may wake too many and must
 * never wake too few.
 */
import type { AccessGrant } from '../api/accessgrant.ts'
import type { Tenant } from '../api/tenant.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import { labels } from '../api/names.ts'
import { echoed, itself, watch } from './operator.ts'
import type { Followed, Wake, WatchRow } from './operator.ts'
import { isFormerOfKept } from '../nameclaim/decide.ts'
import type { KubeObject } from '../kube/port.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { Pace } from '../runtime/base/pace.ts'
import type { Key } from '../runtime/queue/reconcile.ts'
import type { Sources } from './sources.ts'
import { adminsOf, customersOf, ownerOf, tenantOf } from '../domain/ownership.ts'
import { aroundClaim, aroundNames, nameSelector } from '../domain/name-dependents.ts'
import { inForce } from '../domain/plan-in-force.ts'
import { isAsAsked } from '../domain/plan-revision.ts'
import type { NameClaim, NamespaceView } from '../domain/caches.ts'
import {
  adminSelector,
  requestSelector,
  declaredSelector,
  followedPlanSelector,
  grantSelector,
  offeredPlanSelector,
  serverSelector,
  roomSelector,
  tenantSelector,
  whenChanged,
} from './watch-selectors.ts'

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

/** `pace`: in which the tenants of a plan follow an edit of it. */
export function watchTable(sources: Sources, pace: Pick<Pace, 'next'>): readonly WatchRow[] {
  const related = { ...kin(sources), ...shared(sources) }
  return [
    ...ownRows(sources.tenants, controllers.tenant),
    watch(sources.tenants, (tenant) => related.aroundTenant(tenant), whenChanged(tenantSelector)),
    watch(
      sources.tenants,
      countedByPlan,
      whenChanged(({ status, metadata }) => [
        status?.plan,
        status?.planRevision,
        status?.phase,
        metadata.deletionTimestamp,
      ]),
    ),
    ...ownRows(sources.admins, controllers.admin),
    watch(sources.admins, (admin) => related.aroundAdmin(admin), whenChanged(adminSelector)),
    ...grantRows(sources, related),
    ...planRows(sources, related, pace),
    // It is looked at by the clock; its own status is no news.
    watch(sources.servers, itself(controllers.server), whenChanged(requestSelector)),
    watch(sources.servers, (server) => related.placedOn(server.metadata.name), whenChanged(serverSelector)),
    watch(sources.servers, () => related.unplaced(), whenChanged(roomSelector)),
    watch(sources.namespaces, (namespace) => related.aroundNamespace(namespace)),
    ...nameRows(sources, related),
    watch(
      sources.claims,
      countedByServer,
      whenChanged(({ server }) => server),
    ),
    // Who is gone uses no server; of one whose data was kept, or whose object was torn out, the claim stays.
    watch(
      sources.tenants,
      usedServer,
      whenChanged(() => undefined),
    ),
    ...secretRows(sources, related),
    ...Object.values(sources.children).map((source) => watch(source, ({ tenantUid }) => related.ofUid(tenantUid))),
  ]
}

/** The object's own changes; that of nothing but its status is an echo of our own write. */
function ownRows<V extends KubeObject>(source: Followed<V>, controller: string): readonly WatchRow[] {
  const isNews = whenChanged(declaredSelector)
  return [
    watch(source, itself(controller), isNews),
    watch(source, echoed(controller), (change) => !isNews(change), { replay: false }),
  ]
}

function planRows(sources: Sources, related: ReturnType<typeof shared>, pace: Pick<Pace, 'next'>): readonly WatchRow[] {
  return [
    // Its own status is no news: during a rollout each count would ask for the next at once.
    watch(sources.plans, itself(controllers.plan), whenChanged(requestSelector)),
    // Whether there are several default plans concerns each of them.
    watch(
      sources.plans,
      () => [...sources.plans.cache.keys()].map((key) => ({ controller: controllers.plan, key })),
      whenChanged(({ spec }) => spec.default),
    ),
    watch(
      sources.plans,
      (plan) => related.onPlan(plan.metadata.name),
      whenChanged(({ metadata }) => metadata.generation),
    ),
    watch(sources.plans, (plan) => related.waitingFor(plan), whenChanged(offeredPlanSelector)),
    // One after the other; when this replica begins to lead, tenant/observe/rollout.ts sees to that.
    watch(sources.plans, (plan) => inTurn(related.behind(plan), pace), whenChanged(followedPlanSelector), {
      replay: false,
    }),
    watch(
      sources.plans,
      () => inTurn(related.undecided(), pace),
      whenChanged(({ spec }) => spec.default),
      { replay: false },
    ),
  ]
}

/** Access that is granted: the tenant binds it, and the AccessGrant says so when it has. */
function grantRows(
  sources: Sources,
  related: Pick<ReturnType<typeof kin>, 'aroundGrant' | 'grantsOfUid'>,
): readonly WatchRow[] {
  return [
    ...ownRows(sources.grants, controllers.grant),
    watch(sources.grants, (grant) => related.aroundGrant(grant), whenChanged(grantSelector)),
    watch(
      sources.children.RoleBinding,
      ({ tenantUid }) => related.grantsOfUid(tenantUid),
      whenChanged(({ grants, deleting }) => [grants, deleting]),
    ),
  ]
}

/** The Secrets that people and the web write. */
function secretRows(sources: Sources, related: ReturnType<typeof shared>): readonly WatchRow[] {
  return [
    watch(sources.keys, itself(controllers.keys)),
    watch(sources.keys, () => related.uninvited()),
    watch(sources.passwords, (_secret, key) => related.onPassword(key)),
    watch(sources.licenses, (_secret, key) => related.onLicense(key)),
    watch(sources.acceptances, ({ admin }) => [{ controller: controllers.admin, key: admin }]),
  ]
}

/** Names that are taken, freed and exchanged. */
function nameRows(
  sources: Sources,
  related: Pick<ReturnType<typeof kin>, 'ofUid' | 'aroundClaim' | 'aroundNames'>,
): readonly WatchRow[] {
  return [
    watch(sources.claims, ({ holder }) => related.ofUid(holder)),
    watch(sources.claims, (claim, key) => (isFormerOfKept(claim) ? [{ controller: controllers.claim, key }] : [])),
    watch(sources.claims, (claim) => related.aroundClaim(claim)),
    watch(sources.tenants, (tenant) => related.aroundNames(tenant), whenChanged(nameSelector)),
  ]
}

/** Milliseconds in which tenants that come and go are counted together: a write for each would be one too many. */
const countTogether = 2_000

function countedByPlan({ status }: Tenant): Wake[] {
  return status?.plan === undefined ? [] : [{ controller: controllers.plan, key: status.plan, after: countTogether }]
}

function countedByServer({ server }: NameClaim): Wake[] {
  return server === undefined ? [] : [{ controller: controllers.server, key: server, after: countTogether }]
}

function usedServer({ status }: Tenant): Wake[] {
  const key = status?.database?.server
  return key === undefined ? [] : [{ controller: controllers.server, key, after: countTogether }]
}

/** Those who are woken, each when its turn comes. */
function inTurn(woken: readonly Wake[], pace: Pick<Pace, 'next'>): Wake[] {
  return woken.map((each) => ({ ...each, after: () => pace.next() }))
}

function firstPasswordOf({ metadata, spec }: TenantAdmin): Key | undefined {
  return spec.passwordSecretRef && `${metadata.namespace ?? ''}/${spec.passwordSecretRef.name}`
}

/** Whom a change among tenants and their people concerns, by what the caches know now. */
function kin({ tenants, admins, claims, grants }: Sources) {
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
      const related = above === undefined ? below : [...below, above]
      const down = [tenant, ...below]
      return [...wakeTenants(related), ...wakeAdmins(down.flatMap(staff)), ...granted(down)]
    },
    /** Its tenant binds and counts it, the tenant's customers inherit it, a username may become free for another one. */
    aroundAdmin: (admin: TenantAdmin): Wake[] => {
      const own = tenantOf(admin, caches)
      if (own === undefined) return []
      const below = customers(own)
      return [...wakeTenants([own, ...below]), ...wakeAdmins(staff(own)), ...granted(below)]
    },
    /** The tenant that owns it; the Tenants and TenantAdmins in it, since its labels say whether they may be there. */
    aroundNamespace: (namespace: NamespaceView): Wake[] => [
      ...ofUid(namespace.labels[labels.tenantUid]),
      ...wakeTenants(tenants.cache.by('lyingIn', namespace.name)),
      ...wakeAdmins(admins.cache.by('ownNamespace', namespace.name)),
    ],
  }
}

/** Whom a change of what many share concerns: a plan, a server, a Secret. */
function shared({ tenants, admins, claims, plans }: Sources) {
  const lacking = (lacks: (status: Tenant['status']) => boolean) =>
    wakeTenants([...tenants.cache.values()].filter(({ status }) => lacks(status)))
  const caches = { admins: admins.cache, claims: claims.cache }
  const staff = (tenant: Tenant) => adminsOf(tenant, tenant.status?.namespace, caches)
  const declaredIn = ({ status }: Tenant) =>
    status?.namespace === undefined ? [] : admins.cache.by('lyingIn', status.namespace)
  return {
    /** The tenants that have the plan, but for those that are as it asks already. */
    behind: ({ metadata: { name } }: TenantPlan): Wake[] => {
      const declared = plans.cache.get(name)
      const plan = declared && inForce(declared)
      return wakeTenants(tenants.cache.by('plan', name).filter((tenant) => !isAsAsked(tenant, plan)))
    },
    /** The tenants that name no plan. */
    undecided: (): Wake[] => wakeTenants([...tenants.cache.values()].filter(({ spec }) => spec.plan === undefined)),
    /** Its tenants' admins and those who are invited in their name. */
    onPlan: (plan: string): Wake[] =>
      wakeAdmins(tenants.cache.by('plan', plan).flatMap((tenant) => [...staff(tenant), ...declaredIn(tenant)])),
    /** The tenants that have no plan yet, and those that have another one and ask for this. */
    waitingFor: ({ metadata: { name }, spec: { default: isDefault } }: TenantPlan): Wake[] => {
      const asks = ({ spec }: Tenant) => (spec.plan === undefined ? isDefault : spec.plan === name)
      const all = [...tenants.cache.values()]
      return wakeTenants(all.filter((each) => !each.status?.plan || (each.status.plan !== name && asks(each))))
    },
    /** The tenants on this server. */
    placedOn: (server: string): Wake[] =>
      claims.cache.by('server', server).flatMap(({ holder }) => wakeTenants(tenants.cache.by('uid', holder))),
    /** The tenants that wait for a place. */
    unplaced: (): Wake[] => lacking((status) => status?.database === undefined),
    /** The admins whose invites are open: a key that is gone takes their links with it. */
    uninvited: (): Wake[] =>
      wakeAdmins([...admins.cache.values()].filter(({ status }) => status?.invite?.acceptedAt === undefined)),
    /** The tenants whose license lies there. */
    onLicense: (key: Key): Wake[] => wakeTenants(tenants.cache.by('license', key)),
    /** The admins whose first password lies there. */
    onPassword: (key: Key): Wake[] =>
      wakeAdmins([...admins.cache.values()].filter((admin) => firstPasswordOf(admin) === key)),
  }
}
