/** The Kubernetes API in memory, at the ports of the reconciler of TenantAdmins: for whole lives under a clock held by hand. */
import { ApiServer, joined } from '../api-server.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import type { Kube, KubeObject, ObjectKey, Resource } from '../../../operator/kube/port.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { withBreaker } from '../../../operator/mail/breaker.ts'
import type { MailError, Message } from '../../../operator/mail/port.ts'
import { loadTemplates } from '../../../operator/mail/templates.ts'
import { IndexedCache } from '../../../operator/runtime/cache/cache.ts'
import { keyOf } from '../../../operator/runtime/objects/object.ts'
import { tenantAdminIndexes, tenantIndexes } from '../../../operator/domain/caches.ts'
import { acceptanceSecret, acceptanceView } from '../../../operator/domain/acceptance.ts'
import type { Acceptance } from '../../../operator/domain/acceptance.ts'
import { firstPasswordView } from '../../../operator/domain/first-password.ts'
import { acceptanceIndexes, firstPasswordIndexes } from '../../../operator/tenantadmin/ports.ts'
import { createTenantAdminReconciler } from '../../../operator/tenantadmin/reconciler.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import type { Logger } from '../../../operator/runtime/logging/log.ts'
import {
  createKeyReader,
  createSigningKeysReconciler,
  signingKeysKey,
} from '../../../operator/tenantadmin/invite/signing-keys.ts'
import type { ReadKeys } from '../../../operator/tenantadmin/invite/signing-keys.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { settings } from './gen.ts'

const templates = loadTemplates()

export class World {
  readonly clock = new FakeClock(Date.UTC(2030, 0, 1))
  readonly mails: Message[] = []
  readonly events: string[] = []
  /** The lines of the log at info and warn. */
  readonly lines: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[] = []
  readonly log: Logger = {
    ...silent,
    info: (message, fields = {}) => void this.lines.push({ message, fields }),
    warn: (message, fields = {}) => void this.lines.push({ message, fields }),
  }
  /** What the relay answers; undefined: it takes the mail. */
  relay: MailError | undefined
  /** Status writes, finalizer writes, deletions. */
  writes = 0
  /** Called after each change of an object of this kind. */
  heard: (kind: string) => void = () => {}
  readonly #server = new ApiServer()
  #due: number | undefined
  readonly #reconcile
  readonly #tend
  /** As the pages and the reconciler read them. */
  readonly keys: ReadKeys
  readonly random = seededRandom()

  constructor() {
    this.#server.onChange = (type, { kind }) => void (type === 'DELETED' || this.heard(kind))
    const { kube, clock, random } = this
    this.keys = createKeyReader(kube, clock, settings.webNamespace, 0)
    const mailer = withBreaker(
      {
        send: (message) => {
          if (this.relay !== undefined) return Promise.reject(this.relay)
          this.mails.push(message)
          return Promise.resolve({ response: '250 OK' })
        },
        close: () => {},
      },
      { clock, random, metrics: { state: () => {}, sent: () => {} } },
    )
    const tenants = () => this.#cache<Tenant, 'owning'>('Tenant', { owning: tenantIndexes.owning })
    const admins = () => this.#cache<TenantAdmin, keyof typeof tenantAdminIndexes>('TenantAdmin', tenantAdminIndexes)
    const acceptances = () => this.#views(acceptanceView, acceptanceIndexes)
    const firstPasswords = () => this.#views(firstPasswordView, firstPasswordIndexes)
    this.#tend = createSigningKeysReconciler(
      { caches: { admins: { by: (name, term) => admins().by(name, term) } }, kube, clock, random, log: this.log },
      settings,
    )
    this.#reconcile = createTenantAdminReconciler(
      {
        caches: {
          tenants: { get: (key) => tenants().get(key), by: (name, term) => tenants().by(name, term) },
          admins: { get: (key) => admins().get(key), by: (name, term) => admins().by(name, term) },
          plans: { get: (key) => this.#cache<TenantPlan, never>('TenantPlan', {}).get(key) },
          claims: { by: () => [] },
          acceptances: { by: (name, term) => acceptances().by(name, term) },
          firstPasswords: { by: (name, term) => firstPasswords().by(name, term) },
        },
        kube,
        keys: this.keys,
        mailer,
        templates,
        events: { record: ({ reason }) => void this.events.push(reason) },
        clock,
        random,
        log: this.log,
      },
      settings,
    )
  }

  #cache<T extends KubeObject, I extends string>(
    kind: string,
    indexes: ConstructorParameters<typeof IndexedCache<T, I>>[0],
  ): IndexedCache<T, I> {
    const cache = new IndexedCache<T, I>(indexes)
    for (const object of this.all<T>(kind)) cache.set(keyOf(object), { uid: '', resourceVersion: '', value: object })
    return cache
  }

  #views<V, I extends string>(
    view: (secret: Secret) => V | undefined,
    indexes: ConstructorParameters<typeof IndexedCache<V, I>>[0],
  ): IndexedCache<V, I> {
    const cache = new IndexedCache<V, I>(indexes)
    for (const secret of this.all<Secret>('Secret')) {
      const value = view(secret)
      if (value !== undefined) cache.set(keyOf(secret), { uid: '', resourceVersion: '', value })
    }
    return cache
  }

  all<T extends KubeObject>(kind: string): T[] {
    return this.#server.all<T>(kind)
  }

  put<T extends KubeObject>(object: T): T {
    const uid = uidOf(`${object.kind} ${keyOf(object)}`)
    return this.#server.put({ ...object, metadata: { uid, ...object.metadata } })
  }

  /** Whatever finalizers it has. */
  remove(kind: string, key: string): void {
    const object = this.#server.find(kind, key)
    if (object !== undefined) this.#server.drop(object)
  }

  has(key: string): boolean {
    return this.all<TenantAdmin>('TenantAdmin').some((object) => keyOf(object) === key)
  }

  admin(key = 'home/jane'): TenantAdmin {
    const found = this.all<TenantAdmin>('TenantAdmin').find((object) => keyOf(object) === key)
    if (found === undefined) throw new Error(`no TenantAdmin ${key}`)
    return found
  }

  /** As a person with kubectl does: spec and metadata, with a new generation where the spec changes. */
  edit(
    change: { spec?: Partial<TenantAdmin['spec']>; metadata?: Partial<TenantAdmin['metadata']> },
    key?: string,
  ): void {
    const admin = this.admin(key)
    const generation = (admin.metadata.generation ?? 1) + (change.spec === undefined ? 0 : 1)
    this.put({
      ...admin,
      spec: { ...admin.spec, ...change.spec },
      metadata: { ...admin.metadata, ...change.metadata, generation },
    })
  }

  /** As the accept page does. */
  accept(over: Partial<Acceptance> = {}): void {
    const { metadata, status } = this.admin()
    const secret = acceptanceSecret(
      {
        adminUid: metadata.uid ?? '',
        admin: keyOf(this.admin()),
        tenantUid: status?.tenant?.uid ?? '',
        tenant: 'home/acme',
        sequence: status?.invite?.sequence ?? 0,
        address: status?.invite?.address ?? '',
        acceptedAt: new Date(this.clock.now()).toISOString(),
        nonce: 'n',
        ...over,
      },
      settings.webNamespace,
      settings.installation,
    )
    this.put(secret)
  }

  /** Passes until nothing changes, as the loop does when its own writes wake it. */
  async settle(key = 'home/jane'): Promise<void> {
    for (let pass = 0; pass < 10; pass += 1) {
      const before = this.#server.version
      await this.#tend(signingKeysKey(settings.webNamespace), new AbortController().signal)
      const { requeueAfter } = await this.#reconcile(key, new AbortController().signal)
      this.#due = requeueAfter === undefined ? undefined : this.clock.monotonic() + requeueAfter
      if (this.#server.version === before) return
    }
    throw new Error('it never comes to rest')
  }

  /** Lets time pass, with the passes that fall due in it. */
  async pass(milliseconds: number, key?: string): Promise<void> {
    const end = this.clock.monotonic() + milliseconds
    for (let passes = 0; this.#due !== undefined && this.#due <= end; passes += 1) {
      if (passes > 5000) throw new Error('too many passes')
      await this.clock.advance(Math.max(0, this.#due - this.clock.monotonic()))
      await this.settle(key)
    }
    await this.clock.advance(end - this.clock.monotonic())
  }

  readonly kube: Kube = {
    get: async (resource, key) => this.#server.find(resource.kind, joined(key)),
    dryRun: () => Promise.reject(new Error('not used')),
    list: (resource, options = {}) => {
      const wanted = (options.labelSelector ?? '').split(',').map((term) => term.split('='))
      const matches = (object: KubeObject) =>
        wanted.every(([label = '', value]) => label === '' || object.metadata.labels?.[label] === value)
      return Promise.resolve(this.all<typeof resource.type & KubeObject>(resource.kind).filter(matches) as never)
    },
    create: async (_, object) => {
      const uid = uidOf(`${object.kind} ${keyOf(object)}`)
      const made = this.#server.create({ ...object, metadata: { uid, ...object.metadata } })
      this.writes += 1
      return made
    },
    replace: async (_, object) => {
      const replaced = this.#server.replace(object)
      this.writes += 1
      return replaced
    },
    patch: async <T extends KubeObject>(
      resource: Resource<T>,
      key: ObjectKey,
      patch: object,
      subresource?: 'status',
    ) => {
      const { metadata = {}, status } = patch as { metadata?: Record<string, unknown>; status?: object }
      const { resourceVersion } = metadata
      const part = subresource === 'status' ? { metadata: { resourceVersion }, status } : { metadata }
      const patched = this.#server.patch<T>(resource.kind, joined(key), part)
      this.writes += 1
      return patched
    },
    delete: async (resource, key, preconditions) => {
      const isGone = this.#server.delete(resource.kind, joined(key), preconditions)
      this.writes += 1
      return isGone
    },
    createSubresource: () => Promise.reject(new Error('not used')),
  }
}

function uidOf(id: string): string {
  const hex = Buffer.from(id.padEnd(16, '.')).toString('hex').slice(-32)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
