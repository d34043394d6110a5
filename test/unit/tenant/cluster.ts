/** The Kubernetes API in memory as the tenant reconciler meets it: with the caches that follow it, which can be made to lag. */
import { KubeError } from '../../../operator/kube/port.ts'
import type { Kube, KubeObject, ListOptions, ObjectKey, Resource } from '../../../operator/kube/port.ts'
import { ObjectStore } from '../../../operator/runtime/cache/object-store.ts'
import { keyOf } from '../../../operator/runtime/objects/object.ts'
import { childKinds, fingerprint } from '../../../operator/domain/fingerprint.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import type { DatabaseServer } from '../../../operator/api/databaseserver.ts'
import type {
  ConfigMap,
  LimitRange,
  Namespace,
  NetworkPolicy,
  ResourceQuota,
  RoleBinding,
  Secret,
} from '../../../operator/kube/resources.ts'
import type { AccessGrant } from '../../../operator/api/accessgrant.ts'
import { accessListName, labels, previewBindingName } from '../../../operator/api/names.ts'
import { changedPasswordView } from '../../../operator/domain/changed-password.ts'
import type { Contents } from '../../../operator/kube/namespace-contents.ts'
import { ApiServer, joined } from '../api-server.ts'
import {
  childIndexes,
  claimIndexes,
  claimView,
  namespaceView,
  tenantAdminIndexes,
  tenantIndexes,
} from '../../../operator/domain/caches.ts'
import type { TenantCaches } from '../../../operator/domain/caches.ts'
import { accessGrantIndexes } from '../../../operator/domain/access-grant-indexes.ts'

const silent = () => {}
const whole = <T>(object: T) => object

function child<T extends KubeObject>(project: (object: T) => ReturnType<typeof fingerprint>) {
  return new ObjectStore<T, ReturnType<typeof fingerprint>, 'namespace'>(project, silent, childIndexes)
}

export class Cluster {
  readonly #server = new ApiServer()
  /** Every write that reached the server, as `verb Kind key`. */
  readonly writes: string[] = []
  readonly reads: string[] = []
  /** Called before each write; what it throws is the answer. `after` is called once it is done: an answer that is lost. */
  before: (write: string) => void = silent
  after: (write: string) => void = silent
  /** What admission makes of an object that the operator writes. */
  admit: <T extends KubeObject>(object: T) => T = (object) => object
  /** While true the caches hear nothing; of a kind: that one alone, as each has a watch of its own. */
  lagging: boolean | string = false
  readonly #unheard: (() => void)[] = []
  /** Finalizers that somebody else holds a namespace with. */
  readonly heldNamespaces = new Set<string>()
  /** Pods that a PodDisruptionBudget keeps, by name. */
  readonly budgets = new Set<string>()

  /** Each edit of a plan was tried already, and nothing is said against it. */
  triesPlans = true

  readonly #stores = {
    Tenant: new ObjectStore<Tenant, Tenant, keyof typeof tenantIndexes>(whole, silent, tenantIndexes),
    TenantAdmin: new ObjectStore<TenantAdmin, TenantAdmin, keyof typeof tenantAdminIndexes>(
      whole,
      silent,
      tenantAdminIndexes,
    ),
    TenantPlan: new ObjectStore<TenantPlan, TenantPlan>(whole, silent),
    DatabaseServer: new ObjectStore<DatabaseServer, DatabaseServer>(whole, silent),
    Namespace: new ObjectStore<Namespace, ReturnType<typeof namespaceView>>(namespaceView, silent),
    ConfigMap: new ObjectStore<ConfigMap, ReturnType<typeof claimView>, keyof typeof claimIndexes>(
      claimView,
      silent,
      claimIndexes,
    ),
    Secret: child<Secret>((object) => fingerprint('Secret', object)),
    RoleBinding: child<RoleBinding>((object) => fingerprint('RoleBinding', object)),
    NetworkPolicy: child<NetworkPolicy>((object) => fingerprint('NetworkPolicy', object)),
    LimitRange: child<LimitRange>((object) => fingerprint('LimitRange', object)),
    ResourceQuota: child<ResourceQuota>((object) => fingerprint('ResourceQuota', object)),
    AccessList: child<ConfigMap>((object) => fingerprint('ConfigMap', object)),
    AccessGrant: new ObjectStore<AccessGrant, AccessGrant, keyof typeof accessGrantIndexes>(
      whole,
      silent,
      accessGrantIndexes,
    ),
  }

  constructor() {
    this.#server.deletedAt = '2030-01-02T00:00:00Z'
    this.#server.isHeld = ({ kind, metadata }) => kind === 'Namespace' && this.heldNamespaces.has(metadata.name)
    this.#server.finish = (object) => (this.triesPlans && object.kind === 'TenantPlan' ? tried(object) : object)
    this.#server.onChange = (type, object) => (type === 'DELETED' ? this.#forget(object) : this.#tell(object))
  }

  get caches(): TenantCaches {
    const stores = this.#stores
    return {
      tenants: stores.Tenant.cache,
      admins: stores.TenantAdmin.cache,
      grants: stores.AccessGrant.cache,
      plans: stores.TenantPlan.cache,
      servers: stores.DatabaseServer.cache,
      namespaces: stores.Namespace.cache,
      claims: stores.ConfigMap.cache,
      changedPasswords: {
        by: (_, uid) =>
          this.#server
            .all<Secret>('Secret')
            .flatMap((secret) => changedPasswordView(secret) ?? [])
            .filter(({ adminUid }) => adminUid === uid),
      },
      children: {
        Secret: stores.Secret.cache,
        RoleBinding: stores.RoleBinding.cache,
        NetworkPolicy: stores.NetworkPolicy.cache,
        LimitRange: stores.LimitRange.cache,
        ResourceQuota: stores.ResourceQuota.cache,
        ConfigMap: stores.AccessList.cache,
      },
    }
  }

  /** The cache of this kind hears nothing from now on, and it alone. */
  lag(kind: string): void {
    this.catchUp()
    this.lagging = kind
  }

  /** Whether the cache of this kind hears nothing. */
  isLagging(kind: string): boolean {
    return this.lagging === true || this.lagging === kind
  }

  /** The caches hear what they missed. */
  catchUp(): void {
    this.lagging = false
    for (const hear of this.#unheard.splice(0)) hear()
  }

  all<T extends KubeObject>(kind: string): T[] {
    return this.#server.all<T>(kind)
  }

  claims(): ConfigMap[] {
    return this.all<ConfigMap>('ConfigMap').filter(({ metadata }) => metadata.name !== accessListName)
  }

  find<T extends KubeObject>(kind: string, key: string): T | undefined {
    return this.#server.find<T>(kind, key)
  }

  /** As the apiserver counts for the operator: what its RoleBinding there lets it see, and Secrets. */
  contents(namespace: string): Contents {
    this.reads.push(`count ${namespace}`)
    const bound = this.find('RoleBinding', `${namespace}/${previewBindingName}`) !== undefined
    const inside = this.#server.objects().filter(({ metadata }) => metadata.namespace === namespace)
    const counts = Map.groupBy(inside, ({ kind }) => kind)
    const counted = [...counts].map(([kind, all]) => ({ kind, apiGroup: '', count: all.length }))
    return bound
      ? { counted, notCounted: [] }
      : { counted: counted.filter(({ kind }) => kind === 'Secret'), notCounted: ['ConfigMap'] }
  }

  /** As a person, a controller or a test does it: nothing is checked. A change of the spec makes a new generation. */
  put<T extends KubeObject & { readonly spec?: unknown }>(object: T): T {
    return this.#server.put(object)
  }

  /** As `kubectl delete` does it. */
  remove(kind: string, key: string): void {
    this.#server.delete(kind, key)
  }

  /** What the namespace controller does once nobody holds the namespace any more. */
  release(namespace: string): void {
    this.heldNamespaces.delete(namespace)
    this.remove('Namespace', namespace)
  }

  readonly kube: Kube = {
    get: async <T extends KubeObject>(resource: Resource<T>, key: ObjectKey) => {
      this.reads.push(`${resource.kind} ${joined(key)}`)
      return this.find<T>(resource.kind, joined(key))
    },
    list: async <T extends KubeObject>(resource: Resource<T>, { namespace }: ListOptions = {}) =>
      this.all<T>(resource.kind).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    dryRun: async () => {},
    create: (_, object) =>
      this.#write(`create ${object.kind} ${keyOf(object)}`, () => {
        return this.#server.create(this.admit(object))
      }),
    replace: (_, object) =>
      this.#write(`replace ${object.kind} ${keyOf(object)}`, () => {
        return this.#server.replace(this.admit(object))
      }),
    patch: <T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: object, subresource?: 'status') =>
      this.#write(`patch ${resource.kind}${subresource === undefined ? '' : '/status'} ${joined(key)}`, () =>
        this.#server.patch<T>(resource.kind, joined(key), patch, this.admit),
      ),
    delete: (resource, key, preconditions) =>
      this.#write(`delete ${resource.kind} ${joined(key)}`, () => {
        return this.#server.delete(resource.kind, joined(key), preconditions)
      }),
    createSubresource: (resource, key, subresource) =>
      this.#write(`${subresource} ${resource.kind} ${joined(key)}`, () => {
        if (this.budgets.has(key.name)) throw new KubeError('TooManyRequests', 'a budget keeps it', 429)
        this.remove(resource.kind, joined(key))
      }),
  }

  async #write<R>(write: string, act: () => R): Promise<R> {
    this.before(write)
    this.writes.push(write)
    const result = act()
    this.after(write)
    return result
  }

  #tell(object: KubeObject): void {
    this.#hear(object, () => this.#storeOf(object)?.put(object))
  }

  #forget(object: KubeObject): void {
    this.#hear(object, () => this.#storeOf(object)?.remove(keyOf(object)))
  }

  #hear({ kind }: KubeObject, hear: () => void): void {
    if (this.isLagging(kind)) this.#unheard.push(hear)
    else hear()
  }

  /** Children are followed by label, as the operator does it; other objects are not seen at all. */
  #storeOf(object: KubeObject): Listener | undefined {
    const stores: Readonly<Record<string, Listener>> = this.#stores
    const isList = object.metadata.name === accessListName
    const store = stores[isList ? 'AccessList' : object.kind]
    const component = object.metadata.labels?.[labels.component]
    if (object.kind === 'ConfigMap' && !isList) return component === 'claim' ? store : undefined
    const kinds: readonly string[] = childKinds
    if (!kinds.includes(object.kind) || object.metadata.labels?.[labels.installation] !== undefined) return store
    const gone = () => store?.remove(keyOf(object))
    return { put: gone, remove: gone }
  }
}

/** A store without the type of what it holds. */
interface Listener {
  // A method's parameter is bivariant: the store of its kind takes the object.
  put(object: KubeObject): void
  remove(key: string): void
}

/** As the reconciler of TenantPlans leaves one that nothing is said against. */
function tried<T extends KubeObject & { readonly status?: object }>(plan: T): T {
  return { ...plan, status: { ...plan.status, observedGeneration: plan.metadata.generation } }
}
