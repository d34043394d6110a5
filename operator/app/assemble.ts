/**
 * Assembles the operator from its settings and adapters: sources, reconcilers, election and health, and the order
 * in which they start and end. Every port with effects is fenced here, once.
 */
import type { Adapters } from './ports.ts'
import type { Config } from '../config/config.ts'
import { createServerMetrics } from '../databaseserver/metrics.ts'
import { ServerPool } from '../databaseserver/server-pool.ts'
import { createDumper } from '../dump/dumper.ts'
import { DumpJobs } from '../dump/jobs.ts'
import { DumpRehearsals } from '../dump/rehearsals.ts'
import type { DumpTarget } from '../dump/port.ts'
import { installationOf } from './installation.ts'
import { moveFormerRecords } from './former-records.ts'
import { createElection, leadersKube, leadersMailer } from './leadership.ts'
import { TenantryOperator } from './operator.ts'
import { ownKindsCountedFrom } from './own-kinds.ts'
import { createReconcilers } from './reconcilers.ts'
import { createEventRecorder } from '../runtime/events/events.ts'
import { laggingInWords } from '../runtime/cache/lagging.ts'
import { assertLeader } from '../runtime/leadership/fence.ts'
import type { LeaseElection } from '../runtime/leadership/lease.ts'
import { keyOf } from '../runtime/objects/object.ts'
import { Pace } from '../runtime/base/pace.ts'
import { StatusGuard } from '../runtime/controller/status-guard.ts'
import type { Found } from './settings.ts'
import { cachesOf, createSources } from './sources.ts'
import { createRepairMetrics, createStalledMetrics, createTenantMetrics } from '../tenant/report/metrics.ts'
import { createKeyReader, signingKeysKey } from '../tenantadmin/invite/signing-keys.ts'
import { releaseRow } from './watch-release.ts'
import { createTurns } from './leader-change.ts'
import type { Turns } from './leader-change.ts'
import { watchTable } from './watches.ts'
import { controllers } from './watch-mappings.ts'
import type { DumperPorts, DumperSettings } from '../dump/remains.ts'

/** An assembled operator that does nothing yet. */
export interface Assembly {
  readonly installation: string
  /** Fills the caches, then stands for election; resolves when this replica is ready to lead or to stand by. */
  readonly start: () => Promise<void>
  /** Undefined when the caches follow the cluster, else a sentence. */
  readonly notReady: () => string | undefined
  /** Finishes the work in progress, then hands the leadership over. */
  readonly drain: (grace: number) => Promise<void>
  /** Ends watches and connections. After {@link drain}. */
  readonly close: () => Promise<void>
}

/**
 * Reads or makes the installation's id first, and reads the age of Tenantry's CRDs. @throws KubeError,
 * InstallationMismatch
 */
export async function assemble(config: Config, adapters: Adapters): Promise<Assembly> {
  const found = await foundIn(config, adapters)
  const { installation } = found
  const election = createElection(config, adapters, {
    onLeading: () => turns.begin(),
    onLost: () => void turns.end(0),
  })
  const ports = createPorts({ config, adapters, installation, election })
  createTenantMetrics(adapters.metrics.registry, ports.sources.tenants.cache, election)
  createStalledMetrics(adapters.metrics.registry, ports.sources.tenants.cache, election)
  createServerMetrics(adapters.metrics.registry, ports.sources.servers.cache, election)
  const wakeTenant = (uid: string): void => {
    for (const tenant of ports.sources.tenants.cache.by('uid', uid))
      operator.wake({ controller: controllers.tenant, key: keyOf(tenant) })
  }
  const wakeServer = (key: string, after: number): void => operator.wake({ controller: controllers.server, key, after })
  const operator = new TenantryOperator({
    ...adapters,
    config: adapters.kubeConfig,
    rows: [...watchTable(ports.sources, ports.pace), releaseRow(ports.sources, config.namespace)],
    controllers: () => createReconcilers({ ...ports, wakeTenant, wakeServer }, config, found),
  })
  const work = () => leadersWork({ ...ports, operator }, config)
  const turns = createTurns(work, signingKeysKey(config.webNamespace))
  ports.dumps?.onEnd(wakeTenant)
  ports.rehearsals?.onEnd(wakeTenant)
  return { installation, ...lifeOf({ operator, election, ports, turns }) }
}

async function foundIn(
  { namespace, installation: configured }: Config,
  { kube, random, clock }: Adapters,
): Promise<Found> {
  const [installation, countedFrom] = await Promise.all([
    installationOf(kube, random, namespace, configured),
    ownKindsCountedFrom(kube, clock),
  ])
  return { installation, ownKindsCountedFrom: countedFrom }
}

type Life = Pick<Assembly, 'start' | 'notReady' | 'drain' | 'close'>

interface Parts {
  readonly operator: TenantryOperator
  readonly election: LeaseElection
  readonly ports: Ports
  readonly turns: Turns
}

function lifeOf({ operator, election, ports, turns }: Parts): Life {
  const { events, servers, mailer } = ports
  const ending = new AbortController()
  let started = false
  let standing: Promise<void> = Promise.resolve()
  return {
    start: async () => {
      await operator.start()
      started = true
      standing = election.run(ending.signal)
    },
    notReady: () => {
      if (!started) return 'the caches are not filled yet'
      return laggingInWords(operator.lagging())
    },
    drain: async (grace) => {
      await turns.end(grace)
      await events.flush()
      await election.release()
    },
    close: async () => {
      ending.abort()
      await Promise.all([standing, operator.shutDown(0), servers.close()])
      mailer.close()
    },
  }
}

/** The records of an earlier version come first, where there are any. */
function leadersWork<P extends Ports>(ports: P, { webNamespace }: Config) {
  const move = (signal: AbortSignal) => moveFormerRecords(ports, webNamespace, signal)
  return { ...ports, moveRecords: ports.caches.formerRecords.size === 0 ? undefined : move }
}

type Ports = ReturnType<typeof createPorts>

interface Foundation {
  readonly config: Config
  readonly adapters: Adapters
  readonly installation: string
  readonly election: LeaseElection
}

function createDumps(
  settings: DumperSettings,
  { target, ...ports }: Omit<DumperPorts, 'target'> & { readonly target: DumpTarget | undefined },
): { readonly dumps: DumpJobs | undefined; readonly rehearsals: DumpRehearsals | undefined } {
  if (target === undefined) return { dumps: undefined, rehearsals: undefined }
  const dumper = createDumper({ ...ports, target }, settings)
  const dumps = new DumpJobs({ ...ports, dumper })
  return { dumps, rehearsals: new DumpRehearsals({ ...ports, dumper, cleared: dumps.cleared }) }
}

/** The ports of the reconcilers. Every writing port is fenced here, once. */
function createPorts({ config, adapters, installation, election }: Foundation) {
  const { clock, random, log, templates } = adapters
  const statusGuard = new StatusGuard({ clock, log, registry: adapters.metrics.registry })
  const kube = statusGuard.watching(leadersKube(adapters.kube, election))
  const features = { watchList: true }
  const sources = createSources({ watcher: adapters.kube, clock, random, log, features }, config, installation)
  const connect = adapters.postgres({ installation, mayWrite: () => assertLeader(election) })
  const servers = new ServerPool(
    { servers: sources.servers.cache, claims: sources.claims.cache, kube, connect, log },
    config.namespace,
  )
  const keys = createKeyReader(kube, clock, config.webNamespace)
  // Before the watch table wakes a key by the same change.
  sources.keys.onChange(keys.forget)
  const reporting = { controller: 'tenantry.dev/operator', instance: config.pod.name }
  return {
    sources,
    pace: new Pace(clock, config.rolloutRate),
    caches: cachesOf(sources),
    kube,
    statusGuard,
    contents: adapters.contents,
    servers,
    ...createDumps({ ...config.dump, installation }, { servers, clock, random, log, target: adapters.dumpTarget }),
    mailer: leadersMailer(adapters, election),
    keys,
    events: createEventRecorder({ kube, clock, random, log, reporting }),
    templates,
    countRepair: createRepairMetrics(adapters.metrics.registry),
    clock,
    random,
    log,
  }
}
