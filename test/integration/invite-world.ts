/** What invites need of the operator, put together as it is there, against a real apiserver and a real relay. */
import type { AddressInfo } from 'node:net'
import { customResourceDefinition } from '../../operator/api/crd.ts'
import { kinds } from '../../operator/api/kinds.ts'
import { labels, signingKeysName } from '../../operator/api/names.ts'
import { tenantAdmins } from '../../operator/api/tenantadmin.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { tenantPlans } from '../../operator/api/tenantplan.ts'
import { tenants } from '../../operator/api/tenant.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import { createClient } from '../../operator/kube/client.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { loadKubeConfig } from '../../operator/kube/kubeconfig.ts'
import { Connection } from '../../operator/kube/http-connection.ts'
import { secrets } from '../../operator/kube/resources.ts'
import type { Secret } from '../../operator/kube/resources.ts'
import { withBreaker } from '../../operator/mail/breaker.ts'
import { createSmtpMailer } from '../../operator/mail/smtp.ts'
import { loadTemplates } from '../../operator/mail/templates.ts'
import { Controller } from '../../operator/runtime/controller/controller.ts'
import { createLogger } from '../../operator/runtime/logging/log.ts'
import { keyOf } from '../../operator/runtime/objects/object.ts'
import { createMetrics } from '../../operator/runtime/metrics/metrics.ts'
import { Source } from '../../operator/runtime/cache/reflector.ts'
import { tenantAdminIndexes, tenantIndexes } from '../../operator/domain/caches.ts'
import { acceptanceView } from '../../operator/domain/acceptance.ts'
import type { Acceptance } from '../../operator/domain/acceptance.ts'
import { acceptanceIndexes } from '../../operator/tenantadmin/ports.ts'
import { createTenantAdminReconciler } from '../../operator/tenantadmin/reconciler.ts'
import {
  createKeyReader,
  createSigningKeysReconciler,
  signingKeysKey,
} from '../../operator/tenantadmin/invite/signing-keys.ts'
import { buildApp } from '../../operator/web/app.ts'
import { startControlPlane } from '../harness/control-plane.ts'
import type { ControlPlane } from '../harness/control-plane.ts'
import { startMail } from '../harness/mail.ts'
import type { MailServer } from '../harness/mail.ts'
import { eventually } from '../harness/wait.ts'
import { condition, settings as unitSettings, tenant as aTenant, tenantAdmin } from '../unit/tenantadmin/gen.ts'
import { realClock, seededRandom } from '../unit/runtime/fake-clock.ts'
import { kindsServed } from '../harness/in-force.ts'
import type { SourceOptions } from '../../operator/runtime/cache/source-ports.ts'

export interface InviteWorld {
  readonly plane: ControlPlane
  readonly kube: KubeClient
  readonly relay: MailServer
  /** Two replicas of the pages. */
  readonly sites: readonly string[]
  /** Everything that was logged. */
  readonly log: string[]
  /** A Tenant that waits for acceptance, as its reconciler would say. */
  declareTenant(name: string, over?: Parameters<typeof aTenant>[0]): Promise<Tenant>
  declareAdmin(name: string, tenantName: string, spec?: Partial<TenantAdmin['spec']>): Promise<TenantAdmin>
  /** The TenantAdmin as it is once the check is true for it. */
  adminWhen(name: string, check: (admin: TenantAdmin) => boolean): Promise<TenantAdmin>
  acceptances(adminUid: string): Promise<Secret[]>
  stop(): Promise<void>
}

const home = 'home'
export const settings = { ...unitSettings, resendInterval: 0, retry: { base: 400, cap: 1000 } }

export const breaker = { threshold: 3, pause: 500, maxPause: 1000 } as const

/** `publicUrl`: of the first replica, which listens on a port of its own. */
export async function startInviteWorld(): Promise<InviteWorld> {
  const stack = new AsyncDisposableStack()
  const plane = stack.use(await startControlPlane({ audit: true }))
  const relay = stack.use(await startMail())
  await applyDefinitions(plane)
  const connection = new Connection({
    config: loadKubeConfig({ kubeconfig: plane.kubeconfigPath }),
    clock: realClock,
    userAgent: 'tenantry/test',
  })
  stack.defer(() => connection.close())
  const kube = createClient({ connection, fieldManager: 'tenantry' })
  const log: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void log.push(line) } })
  const keys = createKeyReader(kube, realClock, settings.webNamespace)
  const random = {
    ...seededRandom(),
    bytes: (size: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(size))),
  }
  const sites: string[] = []
  for (let replica = 0; replica < 2; replica += 1) {
    const app = await buildApp(
      { kube, keys, clock: realClock, random, log: logger },
      {
        publicUrl: 'http://127.0.0.1',
        webNamespace: settings.webNamespace,
        installation: settings.installation,
        productName: settings.productName,
        localSignIn: true,
        trustProxy: false,
        rateLimit: { burst: 100_000, perSecond: 1000 },
        deadLinkDelay: 100,
      },
    )
    await app.listen({ host: '127.0.0.1', port: 0 })
    sites.push(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    stack.defer(() => app.close())
  }
  await startReconciling({ kube, relay, keys, random, logger, publicUrl: sites[0] ?? '' }, stack)
  return { plane, kube, relay, sites, log, ...declarations(kube), stop: () => stack.disposeAsync() }
}

async function applyDefinitions(plane: ControlPlane): Promise<void> {
  const namespaces = [home, settings.webNamespace].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [labels.home]: String(name === home) } },
  }))
  const items = [...kinds.map(customResourceDefinition), ...namespaces]
  await plane.kubectl(['apply', '-f', '-'], { input: { apiVersion: 'v1', kind: 'List', items } })
  await kindsServed(plane.kubectl)
}

interface Parts {
  readonly kube: KubeClient
  readonly relay: MailServer
  readonly keys: ReturnType<typeof createKeyReader>
  readonly random: ReturnType<typeof seededRandom>
  readonly logger: ReturnType<typeof createLogger>
  readonly publicUrl: string
}

async function startReconciling(parts: Parts, stack: AsyncDisposableStack): Promise<void> {
  const { kube, relay, keys, random, logger, publicUrl } = parts
  const stop = new AbortController()
  const running: Promise<void>[] = []
  const source = async <T extends KubeObjectOf, V, I extends string>(options: SourceOptions<T, V, I>) => {
    const made = new Source<T, V, I>(options, { watcher: kube, clock: realClock, random, log: logger })
    running.push(made.run(stop.signal))
    await made.synced
    return made
  }
  const tenantSource = await source({
    resource: tenants,
    project: (each) => each,
    indexes: { owning: tenantIndexes.owning },
  })
  const adminSource = await source({ resource: tenantAdmins, project: (each) => each, indexes: tenantAdminIndexes })
  const planSource = await source({ resource: tenantPlans, project: (each) => each })
  const acceptanceSource = await source<Secret, Acceptance, 'adminUid'>({
    resource: secrets,
    namespace: settings.webNamespace,
    labelSelector: `${labels.component}=acceptance`,
    project: acceptanceView,
    indexes: acceptanceIndexes,
  })
  const keySource = await source<Secret, string, never>({
    resource: secrets,
    namespace: settings.webNamespace,
    fieldSelector: `metadata.name=${signingKeysName}`,
    project: keyOf,
  })
  const mailer = withBreaker(
    createSmtpMailer(
      {
        host: relay.host,
        port: relay.port,
        security: 'starttls',
        ca: relay.ca,
        from: { address: 'no-reply@mail.example.com', name: settings.productName },
      },
      realClock,
    ),
    { clock: realClock, random, metrics: { state: () => {}, sent: () => {} } },
    breaker,
  )
  const ports = { clock: realClock, random, log: logger, metrics: createMetrics(realClock.monotonic) }
  const reconcile = createTenantAdminReconciler(
    {
      caches: {
        tenants: tenantSource.cache,
        admins: adminSource.cache,
        plans: planSource.cache,
        claims: { by: () => [] },
        acceptances: acceptanceSource.cache,
        firstPasswords: { by: () => [] },
      },
      kube,
      keys,
      mailer,
      random,
      templates: loadTemplates(),
      clock: realClock,
      events: { record: () => {} },
      log: logger,
    },
    { ...settings, publicUrl },
  )
  const controller = new Controller({ name: 'tenantadmin', reconcile }, ports)
  const tending = new Controller(
    {
      name: 'signing-keys',
      reconcile: createSigningKeysReconciler(
        { caches: { admins: adminSource.cache }, kube, clock: realClock, random, log: logger },
        settings,
      ),
    },
    ports,
  )
  const wakeAll = () => [...adminSource.cache.keys()].forEach((key) => controller.queue.add(key))
  adminSource.onChange(({ key }) => controller.queue.add(key))
  tenantSource.onChange(wakeAll)
  acceptanceSource.onChange(({ after }) => {
    if (after !== undefined) controller.queue.add(after.admin)
  })
  keySource.onChange(() => {
    keys.forget()
    tending.queue.add(signingKeysKey(settings.webNamespace))
    wakeAll()
  })
  tending.queue.add(signingKeysKey(settings.webNamespace))
  tending.start()
  await eventually(async () => (await keys()).current, { describe: `the Secret ${signingKeysName}` })
  controller.start()
  stack.defer(async () => {
    await Promise.all([controller.stop(1000), tending.stop(1000)])
    stop.abort()
    mailer.close()
    await Promise.all(running)
  })
}

type KubeObjectOf = Parameters<KubeClient['create']>[1]

function declarations(kube: KubeClient) {
  return {
    async declareTenant(name: string, over: Parameters<typeof aTenant>[0] = {}): Promise<Tenant> {
      const { status, ...declared } = aTenant({ ...over, name })
      const created = await kube.create(tenants, declared)
      return kube.patch(
        tenants,
        { namespace: home, name },
        { metadata: { uid: created.metadata.uid }, status },
        'status',
      )
    },
    declareAdmin(name: string, tenantName: string, spec: Partial<TenantAdmin['spec']> = {}): Promise<TenantAdmin> {
      const { metadata, ...declared } = tenantAdmin({ name })
      const address = `${name}@example.com`
      return kube.create(tenantAdmins, {
        ...declared,
        metadata: { name: metadata.name, namespace: home },
        spec: { ...declared.spec, username: name, email: address, tenantRef: { name: tenantName }, ...spec },
      })
    },
    adminWhen: (name: string, check: (admin: TenantAdmin) => boolean): Promise<TenantAdmin> =>
      eventually(
        async () => {
          const admin = await kube.get(tenantAdmins, { namespace: home, name })
          if (admin !== undefined && check(admin)) return admin
          throw new Error(JSON.stringify(admin?.status))
        },
        { describe: `the TenantAdmin ${name}`, timeout: 60_000 },
      ),
    acceptances: (adminUid: string): Promise<Secret[]> =>
      kube.list(secrets, { namespace: settings.webNamespace, labelSelector: `${labels.adminUid}=${adminUid}` }),
  }
}

export const available = condition('Available', 'True', 'Provisioned')

/** A browser's part, over real HTTP. */
export async function fetchPage(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const cookies = response.headers.getSetCookie().map((each) => each.split(';')[0] ?? '')
  return { status: response.status, headers: response.headers, cookie: cookies.join('; '), body: await response.text() }
}
