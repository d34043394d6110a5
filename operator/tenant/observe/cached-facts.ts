/** The facts about a tenant without a live read: from the caches, and from the memory of earlier passes. */
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import { customerLimitOf } from '../../domain/customer-limit.ts'
import { childKinds } from '../../domain/fingerprint.ts'
import type { Fingerprint } from '../../domain/fingerprint.ts'
import { homeOf } from '../../domain/hierarchy.ts'
import { bearsMark, identityOf } from '../../domain/marks.ts'
import type { Identity } from '../../domain/marks.ts'
import { adminsOf, formerUidsOf } from '../../domain/ownership.ts'
import { namesOf } from '../model/naming.ts'
import type { TenantSettings } from '../model/settings.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { choosePlan } from '../model/tenant-plan.ts'
import { currentNames, renamingOf } from '../names/renaming-facts.ts'
import { claimOf } from '../names/swap.ts'
import { adoptionOf } from '../validation/adoption-problems.ts'
import { desiredIsolation } from '../validation/placement.ts'
import { grantsTo } from './grant-facts.ts'
import type { CachedFacts } from './facts.ts'
import type { ObservePorts } from './ports.ts'
import { areDeletionsReleased } from './recent-deletions.ts'
import { observeRehearsal } from './rehearsal-facts.ts'

type Gathered = Omit<
  CachedFacts,
  'grants' | 'seatsTaken' | 'customerCount' | 'ownKindsCounted' | 'contested' | 'rehearsal' | 'deletionsReleased'
>

/** `now`: milliseconds since the epoch. */
export function cachedFacts(tenant: Tenant, ports: ObservePorts, settings: TenantSettings, now: number): CachedFacts {
  const { caches, seats, contests } = ports
  const identity = identityOf(tenant, settings.installation, formerUidsOf(tenant, caches))
  const facts = gather(tenant, identity, caches, settings)
  const beside = isCounted(facts.home) ? [...seats.customersIn(tenant.metadata.namespace ?? '')] : []
  return {
    ...facts,
    grants: grantsTo(facts, caches, now),
    seatsTaken: new Set(beside.filter((uid) => uid !== identity.uid)),
    customerCount: countCustomers(facts, ports),
    ownKindsCounted: now >= settings.ownKindsCountedFrom,
    rehearsal: observeRehearsal(facts, ports, now),
    contested: contests.told(identity.uid),
    deletionsReleased: areDeletionsReleased(tenant, caches, settings.operatorNamespace),
  }
}

/** Counting takes time in proportion to all tenants of a namespace, so it is done only where something depends on it. */
function isCounted(home: Snapshot['home']): boolean {
  return home.kind === 'Msp' && customerLimitOf(home.parent) !== undefined
}

/** The customers of an MSP: the declared ones, and the deleted ones whose data was kept. */
function countCustomers({ tenant, customers, names }: Gathered, { seats }: ObservePorts): number {
  if (tenant.spec.type !== 'MSP') return 0
  return new Set([...seats.customersIn(names.namespace), ...customers.map(({ metadata }) => metadata.uid)]).size
}

function gather(tenant: Tenant, identity: Identity, caches: TenantCaches, settings: TenantSettings): Gathered {
  const home = homeOf(tenant, caches)
  const homeNamespace = tenant.metadata.namespace ?? ''
  const homeUid = caches.namespaces.get(homeNamespace)?.uid
  const parent = home.kind === 'Msp' ? home.parent : undefined
  const current = currentNames(identity.uid, caches)
  const { claims, namespaces } = caches
  const plans = [...caches.plans.values()]
  const desired = desiredIsolation(tenant, choosePlan({ tenant, plans }).plan)
  const names = namesOf({ tenant, identity, parent, current, claims, namespaces, settings, desiredIsolation: desired })
  const namespace = caches.namespaces.get(names.namespace)
  // Objects in a foreign namespace of that name say nothing about this tenant.
  const ours = namespace !== undefined && bearsMark(namespace, identity)
  const servers = [...caches.servers.values()]
  const admins = adminsOf(tenant, ours ? names.namespace : undefined, caches).toSorted(byAge)
  return {
    tenant,
    identity,
    settings,
    names,
    home,
    homeUid,
    admins,
    passwordsChanged: passwordsChanged(admins, caches),
    parentAdmins: parent === undefined ? [] : adminsOf(parent, parent.status?.namespace, caches).toSorted(byAge),
    customers: ours && tenant.spec.type === 'MSP' ? caches.tenants.by('lyingIn', names.namespace) : [],
    siblings: isCounted(home) ? caches.tenants.by('lyingIn', homeNamespace).toSorted(byAge) : [],
    plans,
    servers,
    placed: names.server === undefined ? placedOn(servers, caches) : {},
    claims: {
      cloudId: claimOf('CloudId', names.cloudId, caches, settings),
      host: names.host === undefined ? undefined : claimOf('Host', names.host, caches, settings),
    },
    renaming: renamingOf(tenant, parent, current, caches, settings),
    adoption: adoptionOf(tenant, identity, homeUid, caches),
    namespace,
    children: childrenIn(names.namespace, caches),
  }
}

function passwordsChanged(
  admins: Snapshot['admins'],
  { changedPasswords }: TenantCaches,
): Snapshot['passwordsChanged'] {
  const changed = admins.flatMap(({ metadata }) => changedPasswords.by('adminUid', metadata.uid ?? ''))
  return Object.fromEntries(changed.map(({ adminUid, changedAt }) => [adminUid, changedAt]))
}

function placedOn(servers: Snapshot['servers'], { claims }: TenantCaches): Snapshot['placed'] {
  return Object.fromEntries(servers.map(({ metadata: { name } }) => [name, holdersOn(name, claims)]))
}

/** Counts Tenants: one that is being renamed has two claims for a moment. */
function holdersOn(server: string, claims: TenantCaches['claims']): number {
  return new Set(claims.by('server', server).map(({ holder }) => holder)).size
}

function byAge({ metadata: one }: Tenant | TenantAdmin, { metadata: other }: Tenant | TenantAdmin): number {
  const key = ({ creationTimestamp = '', namespace = '', name }: Tenant['metadata']) =>
    `${creationTimestamp} ${namespace}/${name}`
  return key(one) < key(other) ? -1 : 1
}

function childrenIn(namespace: string, { children }: TenantCaches): Readonly<Record<string, Fingerprint>> {
  const found = childKinds.flatMap((kind) =>
    children[kind].by('namespace', namespace).map((each) => [childId(kind, each.name), each] as const),
  )
  return Object.fromEntries(found)
}
