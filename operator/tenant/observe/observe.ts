/**
 * Gathers everything that is known about one tenant into one frozen value: from caches where they are good enough, live
 * where a stale answer could do harm (before anything is destroyed) and where nothing is cached (a login that is due).
 */
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { KubeReader } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import type { Key } from '../../runtime/queue/reconcile.ts'
import { judgeLicense } from '../../license/judge.ts'
import type { JudgedLicense } from '../../license/judge.ts'
import { ownCloudIds } from '../validation/cloud-ids.ts'
import { customerLimitOf } from '../../domain/customer-limit.ts'
import { grantsTo } from './grants.ts'
import { homeOf } from '../../domain/hierarchy.ts'
import { adminsOf, formerUidsOf } from '../../domain/ownership.ts'
import { bearsMark, identityOf } from '../../domain/marks.ts'
import { adoptionOf } from '../validation/adoption.ts'
import { observeResume } from './resume-watch.ts'
import type { BrakeFacts } from './deletion-brake.ts'
import type { TermsFacts } from '../lifecycle/deletion-terms.ts'
import { observeGrace } from './deletion-grace.ts'
import { observeAuthorities, observeLogin } from './server.ts'
import { observeOrphanedData } from './orphaned-data.ts'
import type { Identity } from '../../domain/marks.ts'
import { claimOf } from '../names/swap.ts'
import { namesOf } from '../model/naming.ts'
import { observeDatabase } from './tenant-database.ts'
import { desiredIsolation } from '../validation/placement.ts'
import { choosePlan } from '../model/tenant-plan.ts'
import { currentNames, renamingOf } from '../names/renaming.ts'
import { childKinds, fingerprint } from '../../domain/fingerprint.ts'
import type { Fingerprint } from '../../domain/fingerprint.ts'
import { isEnding, isPurging } from '../lifecycle/timestamps.ts'
import { deletionObjection } from '../removal/deletion.ts'
import { purgeObjection } from '../lifecycle/purge-blockers.ts'
import { checkLive } from './live-check.ts'
import { withDump } from './last-dump.ts'
import { observeRehearsal } from './rehearsal.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantSettings } from '../model/settings.ts'
import { observeDrain } from './drain-watch.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import type { ObservePorts } from './ports.ts'

/** Undefined when there is no such Tenant (any more). `now`: milliseconds since the epoch. */
export async function observe(
  key: Key,
  ports: ObservePorts,
  settings: TenantSettings,
  now: number,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const tenant = ports.writes.newest(key, ports.caches.tenants.get(key))
  if (tenant === undefined) return undefined
  const formerUids = formerUidsOf(tenant, ports.caches)
  const identity = identityOf(tenant, settings.installation, formerUids)
  const cachedFacts = gather(tenant, identity, ports.caches, settings)
  const customerSlots = ports.slots.customersIn(tenant.metadata.namespace ?? '')
  const slotsTaken = new Set([...customerSlots].filter((uid) => uid !== identity.uid))
  const customerCount = countCustomers(cachedFacts, ports)
  const children = await withLiveSecret(cachedFacts, ports.kube)
  const grants = grantsTo(cachedFacts, ports.caches, now)
  const ownKindsCounted = now >= settings.ownKindsCountedFrom
  const facts = { ...cachedFacts, grants, slotsTaken, customerCount, children, ownKindsCounted }
  // What may be destroyed in this pass is looked at live.
  const isDeleted = tenant.metadata.deletionTimestamp !== undefined
  const mayEnd = isDeleted || isPurging(tenant, now)
  const checked = mayEnd ? await checkLive(tenant, facts, ports.kube, settings) : undefined
  const live = checked && (await withDump(checked, tenant, ports, signal))
  const { brake, grace } = await observeDeletion({ ...facts, live }, ports)
  const end = { ...facts, live, brake, grace, rehearsal: observeRehearsal(tenant, ports, now) }
  const objection = deletionObjection(end) ?? purgeObjection(end, now)
  const ending = mayEnd && objection === undefined
  const [databaseState, authorities, license, adoption] = await Promise.all([
    observeDatabase(facts, ending || isDeleted ? 'lookLive' : 'look', ports, signal),
    // From then on nothing of it is made or mended any more.
    ending && isEnding(tenant) ? {} : observeAuthorities(facts, ports, signal),
    observeLicense(cachedFacts, ports, now),
    mayEnd ? cachedFacts.adoption : observeOrphanedData(cachedFacts.adoption, tenant, identity, ports, signal),
  ])
  const login = ending ? 'NotDue' : await observeLogin(tenant, facts, databaseState, ports, signal)
  const preview = await ports.previews.look(facts, () => observeDatabase(facts, 'measure', ports, signal))
  const snapshot = { ...end, databaseState, authorities, license, login, preview, adoption }
  const drain = await observeDrain(snapshot, ports.drain, now)
  const stuckWorkloads = await observeResume(snapshot, ports.resume, now)
  return Object.freeze({ ...snapshot, drain, stuckWorkloads, contested: ports.contests.told(identity.uid) })
}

type Added = 'grants' | 'slotsTaken' | 'customerCount' | 'ownKindsCounted' | 'drain' | 'stuckWorkloads' | 'contested'
type CachedFacts = Omit<
  Snapshot,
  Added | 'databaseState' | 'authorities' | 'live' | 'brake' | 'grace' | 'login' | 'license' | 'preview'
>

/** What keeps a deletion from beginning now, beside what the Tenant itself says. */
async function observeDeletion(
  facts: BrakeFacts & TermsFacts,
  ports: ObservePorts,
): Promise<Pick<Snapshot, 'brake' | 'grace'>> {
  if (facts.tenant.metadata.deletionTimestamp === undefined) return { brake: undefined, grace: undefined }
  return { brake: await ports.brake.look(facts), grace: observeGrace(facts, ports.steady) }
}

async function observeLicense(facts: CachedFacts, ports: ObservePorts, now: number): Promise<JudgedLicense> {
  const { tenant } = facts
  const source = await ports.license(tenant)
  return judgeLicense({ source, cloudIds: ownCloudIds(facts), granted: tenant.status?.license }, now)
}

/** Of an MSP: those that are declared, and those whose data was kept when they were deleted. */
function countCustomers({ tenant, customers, names }: CachedFacts, { slots }: ObservePorts): number {
  if (tenant.spec.type !== 'MSP') return 0
  return new Set([...slots.customersIn(names.namespace), ...customers.map(({ metadata }) => metadata.uid)]).size
}

function gather(tenant: Tenant, identity: Identity, caches: TenantCaches, settings: TenantSettings): CachedFacts {
  const home = homeOf(tenant, caches)
  const homeUid = caches.namespaces.get(tenant.metadata.namespace ?? '')?.uid
  const parent = home.kind === 'Msp' ? home.parent : undefined
  const beside = tenant.metadata.namespace ?? ''
  const current = currentNames(identity.uid, caches)
  const { claims, namespaces } = caches
  const plans = [...caches.plans.values()]
  const desired = desiredIsolation(tenant, choosePlan({ tenant, plans }).plan)
  const names = namesOf({ tenant, identity, parent, current, claims, namespaces, settings, desiredIsolation: desired })
  const namespace = caches.namespaces.get(names.namespace)
  // What lies in somebody else's namespace of that name has nothing to say about this tenant.
  const ours = namespace !== undefined && bearsMark(namespace, identity)
  const servers = [...caches.servers.values()]
  // Counting takes time in proportion to all tenants, so it is done only where something depends on it.
  const counted = parent !== undefined && customerLimitOf(parent) !== undefined
  return {
    tenant,
    identity,
    settings,
    names,
    home,
    homeUid,
    admins: adminsOf(tenant, ours ? names.namespace : undefined, caches).toSorted(byAge),
    parentAdmins: parent === undefined ? [] : adminsOf(parent, parent.status?.namespace, caches).toSorted(byAge),
    customers: ours && tenant.spec.type === 'MSP' ? caches.tenants.by('lyingIn', names.namespace) : [],
    siblings: counted ? caches.tenants.by('lyingIn', beside).toSorted(byAge) : [],
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

function placedOn(servers: Snapshot['servers'], { claims }: TenantCaches): Snapshot['placed'] {
  return Object.fromEntries(servers.map(({ metadata: { name } }) => [name, holdersOn(name, claims)]))
}

/** Tenants: one that is being renamed has two claims for a moment. */
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

/**
 * A cache that has not heard of the Secret yet must not pass for its loss, upon which the password would be changed: so a
 * Secret that should be there and is not is looked for live.
 */
async function withLiveSecret(
  { tenant, names, children }: CachedFacts,
  kube: KubeReader,
): Promise<Snapshot['children']> {
  const name = tenant.status?.database?.binding?.name
  if (name === undefined || children[childId('Secret', name)]?.password !== undefined) return children
  const live = await kube.get(secrets, { namespace: names.namespace, name })
  return live === undefined ? children : { ...children, [childId('Secret', name)]: fingerprint('Secret', live) }
}
