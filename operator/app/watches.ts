/**
 * The watch table: which changes wake which keys. A row may wake too many keys, as a reconciler reads everything again,
 * and must never wake too few.
 */
import { labels } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import { echoed, itself, watch } from './operator.ts'
import type { Followed, Wake, WatchRow } from './operator.ts'
import { asksForInvite, hasOpenRequest } from './open-requests.ts'
import { isFormerOfKept } from '../nameclaim/decide.ts'
import type { KubeObject } from '../kube/port.ts'
import type { Pace } from '../runtime/base/pace.ts'
import type { Sources } from './sources.ts'
import { nameSelector } from '../domain/name-dependents.ts'
import type { NameClaim } from '../domain/caches.ts'
import {
  adminSelector,
  requestSelector,
  declaredSelector,
  followedPlanSelector,
  namespaceSelector,
  grantSelector,
  offeredPlanSelector,
  serverSelector,
  roomSelector,
  tenantSelector,
  whenChanged,
} from './watch-selectors.ts'
import { withLowPriority, controllers, wakesOfTenants, wakesOfShared } from './watch-mappings.ts'

/** `pace`: at which the tenants of a plan follow an edit of it. */
export function watchTable(sources: Sources, pace: Pick<Pace, 'next'>): readonly WatchRow[] {
  const related = { ...wakesOfTenants(sources), ...wakesOfShared(sources) }
  return [
    ...ownRows(sources.tenants, controllers.tenant, hasOpenRequest),
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
    ...ownRows(sources.admins, controllers.admin, asksForInvite),
    watch(sources.admins, (admin) => related.aroundAdmin(admin), whenChanged(adminSelector)),
    ...grantRows(sources, related),
    ...planRows(sources, related, pace),
    ...serverRows(sources, related),
    watch(sources.namespaces, (namespace) => related.tenantsByUid(namespace.labels[labels.tenantUid])),
    watch(sources.namespaces, (namespace) => related.tenantsAndAdminsIn(namespace), whenChanged(namespaceSelector)),
    ...nameRows(sources, related),
    watch(
      sources.claims,
      countedByServer,
      whenChanged(({ server }) => server),
    ),
    // A Tenant that is gone uses no server; a retained or orphaned tenant keeps its claim.
    watch(
      sources.tenants,
      usedServer,
      whenChanged(() => undefined),
    ),
    ...secretRows(sources, related),
    ...Object.values(sources.children).map((source) =>
      watch(source, ({ tenantUid }) => related.tenantsByUid(tenantUid)),
    ),
  ]
}

interface Observed {
  readonly status?: { readonly observedGeneration?: number }
}

/**
 * The object's own changes; a change of nothing but its status is an echo of an own write. `hasRequest`: whether an
 * annotation asks for something that is not done.
 */
function ownRows<V extends KubeObject & Observed>(
  source: Followed<V>,
  controller: string,
  hasRequest: (object: V) => boolean = () => false,
): readonly WatchRow[] {
  const isNews = whenChanged(declaredSelector)
  const isUnseen = (object: V) => object.status?.observedGeneration !== object.metadata.generation || hasRequest(object)
  return [
    watch(source, itself(controller), isNews, { isUnseen }),
    watch(source, echoed(controller), (change) => !isNews(change), { replay: false }),
  ]
}

function serverRows({ servers }: Sources, related: ReturnType<typeof wakesOfShared>): readonly WatchRow[] {
  return [
    // A server is looked at by the clock; its own status is no news.
    watch(servers, itself(controllers.server), whenChanged(requestSelector)),
    watch(
      servers,
      (server) => withLowPriority(related.tenantsOnServer(server.metadata.name)),
      whenChanged(serverSelector),
    ),
    watch(servers, () => withLowPriority(related.tenantsWithoutServer()), whenChanged(roomSelector)),
  ]
}

function planRows(
  sources: Sources,
  related: ReturnType<typeof wakesOfShared>,
  pace: Pick<Pace, 'next'>,
): readonly WatchRow[] {
  return [
    // Its own status is no news: during a rollout each count would ask for the next at once.
    watch(sources.plans, itself(controllers.plan), whenChanged(requestSelector)),
    // Several default plans concern each of them.
    watch(
      sources.plans,
      () => [...sources.plans.cache.keys()].map((key) => ({ controller: controllers.plan, key })),
      whenChanged(({ spec }) => spec.default),
    ),
    watch(
      sources.plans,
      (plan) => withLowPriority(related.adminsOnPlan(plan.metadata.name)),
      whenChanged(({ metadata }) => metadata.generation),
    ),
    watch(
      sources.plans,
      (plan) => withLowPriority(related.tenantsWaitingForPlan(plan)),
      whenChanged(offeredPlanSelector),
    ),
    ...rolloutRows(sources, related, pace),
  ]
}

/** The tenants that follow a plan, one after the other; when a leadership begins, tenant/observe/rollout.ts does that. */
function rolloutRows(
  sources: Sources,
  related: ReturnType<typeof wakesOfShared>,
  pace: Pick<Pace, 'next'>,
): readonly WatchRow[] {
  return [
    watch(
      sources.plans,
      (plan) => inTurn(related.tenantsNotAtRevision(plan), pace),
      whenChanged(followedPlanSelector),
      {
        replay: false,
      },
    ),
    watch(
      sources.plans,
      () => inTurn(related.tenantsWithoutPlanChoice(), pace),
      whenChanged(({ spec }) => spec.default),
      { replay: false },
    ),
  ]
}

/** Granted access: the tenant binds it, and the AccessGrant reports it afterwards. */
function grantRows(
  sources: Sources,
  related: Pick<ReturnType<typeof wakesOfTenants>, 'aroundGrant' | 'grantsOfUid'>,
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
function secretRows(sources: Sources, related: ReturnType<typeof wakesOfShared>): readonly WatchRow[] {
  return [
    watch(sources.keys, itself(controllers.keys)),
    watch(sources.keys, () => withLowPriority(related.adminsWithOpenInvites())),
    watch(sources.passwords, (_secret, key) => related.adminsWithPassword(key)),
    watch(sources.licenses, (_secret, key) => related.tenantsWithLicense(key)),
    watch(sources.acceptances, ({ admin }) => [{ controller: controllers.admin, key: admin }]),
    watch(sources.firstPasswords, ({ admin }) => [{ controller: controllers.admin, key: admin }]),
    watch(sources.changedPasswords, ({ admin }) => related.tenantOfAdmin(admin)),
    watch(sources.formerRecords, itself(controllers.formerRecords)),
  ]
}

/** Names that are claimed, released and swapped. */
function nameRows(
  sources: Sources,
  related: Pick<ReturnType<typeof wakesOfTenants>, 'tenantsByUid' | 'aroundClaim' | 'aroundNames'>,
): readonly WatchRow[] {
  return [
    watch(sources.claims, ({ holder }) => related.tenantsByUid(holder)),
    watch(sources.claims, (claim, key) => (isFormerOfKept(claim) ? [{ controller: controllers.claim, key }] : [])),
    watch(sources.claims, (claim) => related.aroundClaim(claim)),
    watch(sources.tenants, (tenant) => related.aroundNames(tenant), whenChanged(nameSelector)),
  ]
}

/** Milliseconds in which tenants that come and go are counted together: a write for each would be too many. */
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

/** The woken keys, each when its turn comes. */
function inTurn(woken: readonly Wake[], pace: Pick<Pace, 'next'>): Wake[] {
  return woken.map((each) => ({ ...each, after: () => pace.next() }))
}
