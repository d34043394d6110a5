/** The Kubernetes API in memory at the ports of sessions and sign-in, with caches that follow at once, and builders of people. */
import type { AccessGrant } from '../../../operator/api/accessgrant.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import { acceptanceSecret } from '../../../operator/domain/acceptance.ts'
import { accessGrantIndexes } from '../../../operator/domain/access-grant-indexes.ts'
import type { Kube, KubeObject } from '../../../operator/kube/port.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { IndexedCache } from '../../../operator/runtime/cache/cache.ts'
import { keyOf } from '../../../operator/runtime/objects/object.ts'
import type { Person } from '../../../operator/web/identity/identity.ts'
import { peopleAdminIndexes, peopleTenantIndexes } from '../../../operator/web/identity/memberships.ts'
import { sessionIndexes } from '../../../operator/web/sessions/session-indexes.ts'
import type { SessionIndex } from '../../../operator/web/sessions/session-indexes.ts'
import { sessionOf } from '../../../operator/web/sessions/session-secret.ts'
import { SessionStore } from '../../../operator/web/sessions/session-store.ts'
import { defaultSessionSettings } from '../../../operator/web/sessions/session-record.ts'
import type { Session, SessionSettings } from '../../../operator/web/sessions/session-record.ts'
import { ApiServer, joined } from '../api-server.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { tenant, tenantAdmin } from '../tenantadmin/gen.ts'

export const webNamespace = 'tenantry-system-web'
export const sessionSettings: SessionSettings = { ...defaultSessionSettings, webNamespace, installation: 'main' }

export class People {
  readonly clock = new FakeClock()
  readonly random = seededRandom()
  readonly server = new ApiServer()
  /** Whether the watch of the sessions works. */
  live = true
  /** Requests, as `get Secret session-…`. */
  readonly requests: string[] = []
  readonly caches = {
    tenants: new IndexedCache<Tenant, keyof typeof peopleTenantIndexes>(peopleTenantIndexes),
    admins: new IndexedCache<TenantAdmin, keyof ReturnType<typeof peopleAdminIndexes>>(peopleAdminIndexes('oidc:')),
    grants: new IndexedCache<AccessGrant, keyof typeof accessGrantIndexes>(accessGrantIndexes),
  }
  readonly #sessions = new IndexedCache<Session, SessionIndex>(sessionIndexes)
  readonly sessions = {
    live: () => this.live,
    size: 0,
    get: (key: string) => this.#sessions.get(key),
    keys: () => this.#sessions.keys(),
    values: () => this.#sessions.values(),
    by: (name: SessionIndex, term: string) => this.#sessions.by(name, term),
  }
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace' | 'delete'> = {
    get: async (resource, key) => {
      this.#request('get', resource.kind, key.name)
      return this.server.find(resource.kind, joined(key))
    },
    create: async (_, object) => {
      this.#request('create', object.kind, object.metadata.name)
      return this.server.create(object)
    },
    replace: async (_, object) => {
      this.#request('replace', object.kind, object.metadata.name)
      return this.server.replace(object)
    },
    delete: async (resource, key, preconditions) => {
      this.#request('delete', resource.kind, key.name)
      return this.server.delete(resource.kind, joined(key), preconditions)
    },
  }
  readonly store: SessionStore

  constructor(settings: Partial<SessionSettings> = {}) {
    this.server.onChange = (type, object) => this.#hear(type === 'DELETED', object)
    this.store = this.replica(settings)
  }

  /** Another process over the same cluster. */
  replica(settings: Partial<SessionSettings> = {}): SessionStore {
    return new SessionStore(this, { ...sessionSettings, ...settings })
  }

  secrets(prefix: string): Secret[] {
    return this.server.all<Secret>('Secret').filter(({ metadata }) => metadata.name.startsWith(prefix))
  }

  put<T extends KubeObject>(object: T): T {
    return this.server.put(object)
  }

  /** A tenant that is there, with an uid of its own. */
  tenant(name: string, over: Parameters<typeof tenant>[0] = {}): Tenant {
    const status: Tenant['status'] = {
      observedGeneration: 1,
      phase: 'Active',
      cloudId: name,
      namespace: `tenant-${name}`,
      url: `https://${name}.example.com`,
      ...over?.status,
    }
    const made = tenant({ ...over, name, spec: { displayName: `The ${name}`, ...over?.spec }, status })
    return this.put({ ...made, metadata: { ...made.metadata, uid: `uid-${name}` } })
  }

  /** Who has accepted the invite to this tenant, with the hash of a password. */
  admin(name: string, of: Tenant, spec: Partial<TenantAdmin['spec']> = {}, passwordHash?: string): TenantAdmin {
    const made = tenantAdmin({
      name: `${of.metadata.name}-${name}`,
      namespace: of.metadata.namespace ?? '',
      spec: { tenantRef: { name: of.metadata.name }, ...spec },
    })
    const uid = `uid-${of.metadata.name}-${name}`
    const address = made.spec.email
    const acceptedAt = '2029-12-01T00:00:00Z'
    const { namespace = '', name: tenantName, uid: tenantUid = '' } = of.metadata
    const status: TenantAdmin['status'] = {
      observedGeneration: 1,
      tenant: { namespace, name: tenantName, uid: tenantUid },
      invite: { status: 'Accepted', sequence: 1, address, acceptedAt },
    }
    const [admin, tenantKey] = [keyOf(made), keyOf(of)]
    const acceptance = {
      adminUid: uid,
      admin,
      tenantUid,
      tenant: tenantKey,
      sequence: 1,
      address,
      acceptedAt,
      nonce: '',
    }
    this.put(acceptanceSecret({ ...acceptance, passwordHash }, webNamespace, 'main'))
    return this.put({ ...made, metadata: { ...made.metadata, uid }, status })
  }

  #request(verb: string, kind: string, name: string): void {
    this.requests.push(`${verb} ${kind} ${name}`)
  }

  #hear(gone: boolean, object: KubeObject): void {
    const key = keyOf(object)
    const file = <V>(cache: Pick<IndexedCache<V>, 'set' | 'delete'>, value: V | undefined) => {
      if (gone || value === undefined) cache.delete(key)
      else cache.set(key, { uid: object.metadata.uid ?? '', resourceVersion: '', value })
    }
    if (object.kind === 'Secret') file(this.#sessions, sessionOf(object))
    if (object.kind === 'Tenant') file(this.caches.tenants, object as Tenant)
    if (object.kind === 'TenantAdmin') file(this.caches.admins, object as TenantAdmin)
    if (object.kind === 'AccessGrant') file(this.caches.grants, object as AccessGrant)
  }
}

export function person(over: Partial<Person> = {}): Person {
  return {
    provider: 'corp',
    subject: 'subject-jane',
    name: 'Jane Doe',
    email: 'jane@example.com',
    groups: ['staff'],
    user: 'oidc:jane@example.com',
    admins: undefined,
    root: false,
    ...over,
  }
}
