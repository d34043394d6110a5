/** A whole world for tenants: a cluster and a database server in memory, a clock held by hand, and the real reconciler. */
import type { DumpRehearsals } from '../../../operator/dump/rehearsals.ts'
import { DumpError } from '../../../operator/dump/port.ts'
import type { DumpPorts } from '../../../operator/tenant/apply/dump-action.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import { Catalogues } from '../../../operator/databaseserver/catalogue-cache.ts'
import type { PublicKeys } from '../../../operator/license/public-keys.ts'
import type { BackoffOptions } from '../../../operator/runtime/base/backoff.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import type { Logger } from '../../../operator/runtime/logging/log.ts'
import { createLicenseReader } from '../../../operator/tenant/lifecycle/license-reader.ts'
import { ReportedFailure } from '../../../operator/runtime/queue/reconcile.ts'
import { Pace } from '../../../operator/runtime/base/pace.ts'
import { createTenantReconciler } from '../../../operator/tenant/reconciler.ts'
import type { TenantSettings } from '../../../operator/tenant/model/settings.ts'
import { databaseServer, homeNamespace, tenantPlan, tenantSettings } from '../../gen.ts'
import { FakeClock, seededRandom } from '../runtime/fake-clock.ts'
import { Cluster } from './cluster.ts'
import { FakePostgres } from './postgres.ts'
import { ReferenceMissing } from '../../../operator/postgres/model/address.ts'

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'tenants.tenantry.dev' },
}

export class World {
  readonly clock = new FakeClock()
  readonly cluster = new Cluster()
  readonly postgres = new FakePostgres()
  readonly settings: TenantSettings
  /** What licenses are checked with; those that are set before a restart. */
  publicKeys: PublicKeys = new Map()
  /** What people were told in Events, as `Type Reason`. */
  readonly events: string[] = []
  /** What was said of repairs and losses, as `reason: note`. */
  readonly notes: string[] = []
  readonly repairs: string[] = []
  /** The lines of the log at info and warn. */
  readonly lines: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[] = []
  /** Ten a second. */
  readonly pace = new Pace(this.clock, 10)
  #reconcile
  #catalogues
  /** As where no target for dumps works. */
  dumps: NonNullable<DumpPorts['dumps']> = {
    take: () => {
      throw new DumpError('TargetUnavailable', 'no answer')
    },
    isThere: async () => {
      throw new DumpError('TargetUnavailable', 'no answer')
    },
  }
  /** None where no target for dumps is configured; in force from the next restart on. */
  rehearsals: DumpRehearsals | undefined
  /** When each key asked to be looked at again, in milliseconds from then. */
  readonly due = new Map<string, number | undefined>()

  constructor(settings: Partial<TenantSettings> = {}) {
    this.settings = { ...tenantSettings, ...settings }
    this.cluster.put(definition)
    this.cluster.put(homeNamespace())
    this.#catalogues = this.#makeCatalogues()
    this.#reconcile = this.#makeReconciler()
  }

  /** The operator's process ends and another begins: all memory is lost, the world stays. */
  restart(): void {
    this.#catalogues = this.#makeCatalogues()
    this.#reconcile = this.#makeReconciler()
  }

  /** What the databaseserver reconciler does at its interval. */
  poll(server = 'main'): Promise<readonly string[]> {
    return this.#catalogues.poll(server, new AbortController().signal)
  }

  /** How often the reconciler was called. */
  passes = 0
  /** How often one pass has written the status of its tenant, at most. */
  mostStatusWrites = 0

  /** The pauses that the last pass of each asks for, where something stands in the way. */
  readonly stuck = new Map<string, BackoffOptions | undefined>()

  /** One pass. */
  async pass(key = 'home/acme', signal = new AbortController().signal): Promise<void> {
    // Two effects never happen at one instant.
    await this.clock.advance(1)
    this.passes += 1
    const before = this.cluster.writes.length
    const { requeueAfter, stuck } = await this.#reconcile(key, signal)
      .catch((error: unknown) => {
        throw error instanceof ReportedFailure ? error.cause : error
      })
      .finally(() => {
        const writes = this.cluster.writes.slice(before)
        const written = writes.filter((write) => write === `patch Tenant/status ${key}`).length
        this.mostStatusWrites = Math.max(this.mostStatusWrites, written)
      })
    this.stuck.set(key, stuck)
    const times = [requeueAfter, stuck?.base].filter((time) => time !== undefined)
    this.due.set(key, times.length === 0 ? undefined : Math.min(...times))
  }

  /** Passes until one writes nothing. Failures are retried as the loop does. */
  async settle(key = 'home/acme'): Promise<void> {
    for (let passes = 0; passes < 20; passes += 1) {
      const before = this.effects.length
      try {
        await this.pass(key)
      } catch {
        continue
      }
      if (this.effects.length === before && this.due.get(key) !== 0) return
    }
    throw new Error(`${key} does not come to rest: ${this.effects.slice(-10).join(', ')}`)
  }

  /** Passes of all Tenants, in turn, until none writes anything. */
  async settleAll(): Promise<void> {
    for (let rounds = 0; rounds < 40; rounds += 1) {
      const before = this.effects.length
      let failed = false
      for (const { metadata } of this.cluster.all('Tenant')) {
        await this.pass(`${metadata.namespace}/${metadata.name}`).catch(() => (failed = true))
      }
      if (!failed && this.effects.length === before) return
    }
    throw new Error(`no rest: ${this.effects.slice(-10).join(', ')}`)
  }

  /** Everything that was changed, in Kubernetes and then in PostgreSQL. */
  get effects(): readonly string[] {
    return [...this.cluster.writes, ...this.postgres.statements.filter((statement) => !isRead(statement))]
  }

  tenant(key = 'home/acme'): Tenant {
    const found = this.cluster.find<Tenant>('Tenant', key)
    if (found === undefined) throw new Error(`there is no Tenant ${key}`)
    return found
  }

  /** As `kubectl edit` does. */
  edit(spec: Readonly<Record<string, unknown>>, key = 'home/acme'): void {
    const before = this.tenant(key)
    this.cluster.put({ ...before, spec: { ...before.spec, ...spec } })
  }

  /** `Ready=True Provisioned`, one line per condition. */
  conditions(key = 'home/acme'): readonly string[] {
    const { conditions } = this.tenant(key).status ?? {}
    return conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`).toSorted() ?? []
  }

  message(type: string, key = 'home/acme'): string | undefined {
    return this.tenant(key).status?.conditions?.find((each) => each.type === type)?.message
  }

  #write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    this.lines.push({ message, fields })
  }

  #log: Logger = { ...silent, info: this.#write, warn: this.#write, with: () => this.#log }

  #connect = async (server: string) => {
    if (this.cluster.find('DatabaseServer', server) === undefined)
      throw new ReferenceMissing(`There is no DatabaseServer ${server}.`)
    return this.postgres
  }

  #makeCatalogues(): Catalogues {
    return new Catalogues({
      clock: this.clock,
      connect: this.#connect,
      sizes: { interval: 0, random: { fraction: () => 0 } },
    })
  }

  #makeReconciler() {
    const catalogues = this.#catalogues
    const { look, lookLive, measure, surveyOf, awaitReturn, forgetTenant, boundSize, invalidate, assume } = catalogues
    return createTenantReconciler(
      {
        caches: this.cluster.caches,
        kube: this.cluster.kube,
        contents: async (namespace) => this.cluster.contents(namespace),
        clock: this.clock,
        random: seededRandom(),
        log: this.#log,
        countRepair: (what) => void this.repairs.push(what),
        events: {
          record: ({ type, reason, note }) => {
            this.events.push(`${type} ${reason}`)
            this.notes.push(`${reason}: ${note}`)
          },
        },
        pace: this.pace,
        servers: { connect: this.#connect },
        license: createLicenseReader({ licenses: new Map(), kube: this.cluster.kube, publicKeys: this.publicKeys }),
        dumps: {
          take: (order) => this.dumps.take(order),
          forget: () => {},
          isThere: (path, signal) => this.dumps.isThere(path, signal),
        },
        rehearsals: this.rehearsals,
        catalogue: {
          look,
          lookLive,
          measure,
          surveyOf,
          awaitReturn,
          forgetTenant,
          boundSize,
          invalidate,
          assume,
          authority: async () => 'CERTIFICATE',
          missed: () => {},
        },
      },
      this.settings,
    )
  }
}

export function isRead(statement: string): boolean {
  return ['catalogue', 'health', 'identity', 'directory'].includes(statement) || statement.startsWith('probe')
}

interface GroundOptions {
  readonly empty?: boolean
  readonly settings?: Partial<TenantSettings>
}

/** A home namespace; a plan and a server too, unless `empty`. */
export function ground({ empty = false, settings = {} }: GroundOptions = {}): World {
  const world = new World(settings)
  if (empty) return world
  world.cluster.put(tenantPlan())
  world.cluster.put(databaseServer())
  return world
}

/** For `before` of a fake: the operator dies at the effect after so many. */
export function diesAfter(effects: number): () => void {
  let left = effects
  return () => {
    left -= 1
    if (left < 0) throw new Error('killed')
  }
}

/** A pass that dies after that many effects; then another process goes on to the end. */
export async function cutOff(world: World, effects: number): Promise<void> {
  world.cluster.before = diesAfter(effects)
  await world.pass().catch(() => undefined)
  world.cluster.before = () => {}
  world.restart()
  await world.settle()
}
