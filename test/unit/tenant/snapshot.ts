/**
 * A builder: what is known of one tenant at one moment, as `observe` gathers it. Without anything given it is the Customer
 * `acme`, newly declared in a home namespace, with a plan and a server that are ready. Its names follow from the claims.
 */
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import { claimName } from '../../../operator/api/names.ts'
import { claimIndexes, tenantIndexes } from '../../../operator/domain/caches.ts'
import type { NameClaim, NamespaceView } from '../../../operator/domain/caches.ts'
import type { Home } from '../../../operator/domain/hierarchy.ts'
import { identityOf, markAnnotations, markLabels } from '../../../operator/domain/marks.ts'
import type { Identity } from '../../../operator/domain/marks.ts'
import { IndexedCache } from '../../../operator/runtime/cache/cache.ts'
import type { Indexes } from '../../../operator/runtime/cache/cache.ts'
import { namesOf } from '../../../operator/tenant/model/naming.ts'
import type { Snapshot } from '../../../operator/tenant/model/snapshot.ts'
import { choosePlan } from '../../../operator/tenant/model/tenant-plan.ts'
import { currentNames, renamingOf } from '../../../operator/tenant/names/renaming-facts.ts'
import { claimOf } from '../../../operator/tenant/names/swap.ts'
import { desiredIsolation } from '../../../operator/tenant/validation/placement.ts'
import { databaseServer, tenant, tenantPlan, tenantSettings } from '../../gen.ts'

/** The time at which the tables decide: 2030-01-01, when the objects of gen.ts were created. */
export const now = Date.parse('2030-01-01T00:00:00Z')

type TenantOver = NonNullable<Parameters<typeof tenant>[0]>

export interface SnapshotOver extends Partial<Omit<Snapshot, 'tenant' | 'names' | 'renaming' | 'claims' | 'identity'>> {
  readonly tenant?: TenantOver
  readonly status?: Partial<Tenant['status']>
  /** The spec of the MSP northwind, where the tenant is its customer. */
  readonly parent?: object
  /** All claims that there are. */
  readonly claims?: readonly NameClaim[]
  /** The other Tenants. */
  readonly others?: readonly Tenant[]
}

/** The MSP northwind in a home namespace. */
export function northwind(spec: object = {}): Tenant {
  const made = tenant({ name: 'northwind', uid: 'uid-northwind', spec: { type: 'MSP', ...spec } })
  return { ...made, status: { observedGeneration: 1, namespace: 'tenant-northwind', subdomain: 'northwind' } }
}

export function snapshot(over: SnapshotOver = {}): Snapshot {
  const { tenant: given, status, parent, claims: declared = [], others = [], ...rest } = over
  const msp = parent === undefined ? undefined : northwind(parent)
  const made = tenant({ ...(msp === undefined ? {} : { namespace: 'tenant-northwind' }), ...given })
  const own: Tenant = status === undefined ? made : { ...made, status: { observedGeneration: 1, ...status } }
  const home: Home = msp === undefined ? { kind: 'Home' } : { kind: 'Msp', parent: msp, ancestors: [msp] }
  const settings = { ...tenantSettings, ...rest.settings }
  const identity = identityOf(own, settings.installation)
  const plans = (rest.plans ?? [tenantPlan()]).map(tried)
  const caches = {
    claims: cacheOf(declared, claimIndexes, ({ name }) => `${settings.operatorNamespace}/${name}`),
    tenants: cacheOf([own, ...others, ...(msp ? [msp] : [])], tenantIndexes, keyOf),
    namespaces: cacheOf<NamespaceView>(rest.namespace ? [rest.namespace] : [], {}, ({ name }) => name),
  }
  const current = currentNames(identity.uid, caches)
  const desired = desiredIsolation(own, choosePlan({ tenant: own, plans }).plan)
  const names = namesOf({ ...caches, tenant: own, identity, parent: msp, current, settings, desiredIsolation: desired })
  const all: Snapshot = {
    tenant: own,
    identity,
    names,
    home,
    homeUid: 'uid-home',
    admins: [],
    passwordsChanged: {},
    parentAdmins: [],
    grants: { inForce: [], changesAt: undefined },
    customers: [],
    customerCount: 0,
    siblings: [],
    seatsTaken: new Set<string>(),
    ownKindsCounted: true,
    servers: [databaseServer()],
    placed: {},
    claims: {
      cloudId: claimOf('CloudId', names.cloudId, caches, settings),
      host: names.host === undefined ? undefined : claimOf('Host', names.host, caches, settings),
    },
    adoption: undefined,
    renaming: renamingOf(own, msp, current, caches, settings),
    namespace: undefined,
    children: {},
    databaseState: { kind: 'NotLookedAt' },
    authorities: { main: { ca: undefined } },
    login: 'NotDue',
    live: undefined,
    deletionsReleased: false,
    brake: undefined,
    grace: undefined,
    drain: 'Unknown',
    stuckWorkloads: [],
    contested: [],
    preview: undefined,
    license: { valid: true, reason: 'NoLicense', message: 'The tenant has no license, and needs none.' },
    ...rest,
    plans,
    settings,
  }
  return Object.freeze(all)
}

/** A Cloud ID or, with a dot in it, a host name, which `acme` holds unless something else is given. */
export function nameClaim(value: string, over: Partial<NameClaim> = {}): NameClaim {
  const isHost = value.includes('.')
  const { holder = 'uid-acme', tenant: holderKey = 'home/acme' } = over
  return {
    name: isHost ? claimName.host(value) : claimName.cloudId(value),
    uid: `uid-${value}`,
    resourceVersion: '1',
    holder,
    tenant: holderKey,
    kind: isHost ? 'Host' : 'CloudId',
    value,
    namespace: isHost ? undefined : `tenant-${value}`,
    databaseName: undefined,
    ownerRole: undefined,
    formerUids: [],
    server: undefined,
    isolation: undefined,
    provisioned: false,
    revision: 0,
    until: undefined,
    retained: false,
    undoneIn: undefined,
    cloudId: isHost ? value.split('.')[0] : value,
    bound: undefined,
    handovers: [],
    ...over,
  }
}

/** What makes a Tenant one that was begun: its names are claimed, its place is recorded. */
export const begun: readonly NameClaim[] = [
  nameClaim('acme', { server: 'main', isolation: 'Database' }),
  nameClaim('acme.example.com'),
]

/** The namespace `tenant-acme`, made for `acme` unless somebody else is given. */
export function namespaceView(over: Partial<NamespaceView> & { readonly of?: Identity } = {}): NamespaceView {
  const { of = identityOf(tenant(), 'main'), ...rest } = over
  return {
    name: 'tenant-acme',
    uid: 'uid-tenant-acme',
    resourceVersion: '1',
    labels: markLabels(of, 'namespace'),
    annotations: markAnnotations(of),
    deleting: false,
    blockers: [],
    ...rest,
  }
}

/** As the reconciler of TenantPlans leaves one that nothing is said against. */
function tried(plan: TenantPlan): TenantPlan {
  return { ...plan, status: { observedGeneration: plan.metadata.generation ?? 0, ...plan.status } }
}

const keyOf = ({ metadata }: Tenant): string => `${metadata.namespace ?? ''}/${metadata.name}`

function cacheOf<V extends object, I extends string = never>(
  values: readonly V[],
  indexes: Indexes<V, I>,
  key: (value: V) => string,
): IndexedCache<V, I> {
  const cache = new IndexedCache<V, I>(indexes)
  for (const value of values) cache.set(key(value), { uid: '', resourceVersion: '1', value })
  return cache
}
