/**
 * The whole operator from its settings and adapters: sources, reconcilers, election, web and health, and the order in which
 * they begin and end. Every writing port is fenced here, once.
 */
import type { Config } from './config.ts'
import { ServerPool } from './databaseserver/server-pool.ts'
import { installationOf } from './installation.ts'
import type { KubeClient } from './kube/client.ts'
import type { KubeConfig } from './kube/config.ts'
import type { Kube } from './kube/port.ts'
import { withBreaker } from './mail/breaker.ts'
import type { GuardedMailer } from './mail/breaker.ts'
import { createMailMetrics } from './mail/metrics.ts'
import type { InviteTemplates } from './mail/message.ts'
import type { Mailer } from './mail/port.ts'
import { TenantryOperator } from './operator.ts'
import type { PostgresOptions } from './postgres/adapter.ts'
import type { ConnectPostgres } from './postgres/port.ts'
import { createReconcilers } from './reconcilers.ts'
import type { Clock, Random } from './runtime/clock.ts'
import { createEventRecorder } from './runtime/events.ts'
import { assertLeader, fenced } from './runtime/fence.ts'
import type { Leadership } from './runtime/fence.ts'
import { LeaseElection } from './runtime/lease.ts'
import type { Logger } from './runtime/log.ts'
import type { Metrics } from './runtime/metrics.ts'
import { createSources } from './sources.ts'
import { createKeyReader, signingKeysKey } from './tenantadmin/signing-keys.ts'
import type { ReadKeys } from './tenantadmin/signing-keys.ts'
import { controllers, watchTable } from './watches.ts'

/** What reaches outside. Tests of faults give decorated ones. */
export interface Adapters {
  readonly kubeConfig: KubeConfig
  readonly kube: KubeClient
  readonly postgres: (options: Pick<PostgresOptions, 'installation' | 'mayWrite'>) => ConnectPostgres
  readonly mailer: Mailer
  readonly templates: InviteTemplates
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  /** Ends the connections to the cluster; the very last thing. */
  readonly close: () => Promise<void>
}

export const leaseName = 'tenantry-leader'

/** An operator that is put together and does nothing yet. */
export interface Assembly {
  readonly installation: string
  readonly election: LeaseElection
  /** For the accept page, on every replica. */
  readonly keys: ReadKeys
  /** Fills the caches, then stands for election; resolves when this replica is ready to lead or to stand by. */
  readonly start: () => Promise<void>
  /** Undefined when the caches follow the cluster, else a sentence. */
  readonly notReady: () => string | undefined
  /** Ends the work in hand, then hands the leadership over. */
  readonly drain: (grace: number) => Promise<void>
  /** Ends watches and connections. After {@link drain}. */
  readonly close: () => Promise<void>
}

/** Reads or makes the installation's id first. @throws KubeError, InstallationMismatch */
export async function assemble(config: Config, adapters: Adapters): Promise<Assembly> {
  const { clock, random, log, metrics, kube } = adapters
  const installation = await installationOf(kube, random, config.namespace, config.installation)
  const ending = new AbortController()
  const election = createElection(config, adapters, {
    onLeading: () => begin(),
    onLost: () => void operator.standBy(0),
  })
  const leading = leadersKube(kube, election)
  const events = createEventRecorder({
    kube: leading,
    clock,
    random,
    log,
    reporting: { controller: 'tenantry.dev/operator', instance: config.pod.name },
  })
  const sources = createSources(
    { watcher: kube, clock, random, log, features: { watchList: true } },
    config.namespace,
    installation,
  )
  const mailer = leadersMailer(adapters, election)
  const keys = createKeyReader(kube, clock, config.namespace)
  const servers = new ServerPool(
    {
      servers: sources.servers.cache,
      kube,
      connect: adapters.postgres({ installation, mayWrite: () => assertLeader(election) }),
      log,
    },
    config.namespace,
  )
  const wakeTenant = (key: string) => operator.wake({ controller: controllers.tenant, key })
  const { templates } = adapters
  const ports = { sources, kube: leading, servers, mailer, templates, keys, events, clock, random, log, wakeTenant }
  const operator = new TenantryOperator({
    config: adapters.kubeConfig,
    rows: watchTable(sources),
    controllers: createReconcilers(ports, config, installation),
    clock,
    random,
    log,
    metrics,
  })
  const begin = (): void => {
    metrics.leader(leaseName, true)
    servers.lead()
    operator.wake({ controller: controllers.keys, key: signingKeysKey(config.namespace) })
    operator.lead()
  }
  let started = false
  let standing: Promise<void> = Promise.resolve()
  return {
    installation,
    election,
    keys,
    start: async () => {
      await operator.start()
      started = true
      standing = election.run(ending.signal)
    },
    notReady: () => {
      if (!started) return 'the caches are not filled yet'
      const lagging = operator.lagging()
      return lagging.length === 0 ? undefined : `these watches do not follow the cluster: ${lagging.join(', ')}`
    },
    drain: async (grace) => {
      await operator.standBy(grace)
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

function createElection(
  { lease, namespace, pod }: Config,
  { kube, clock, random, log, metrics }: Adapters,
  on: { readonly onLeading: () => void; readonly onLost: () => void },
): LeaseElection {
  const options = {
    namespace,
    name: leaseName,
    identity: pod.uid,
    leaseDuration: lease.duration,
    renewDeadline: lease.renewDeadline,
    retryPeriod: lease.retryPeriod,
  }
  const onLost = () => {
    metrics.leader(leaseName, false)
    on.onLost()
  }
  return new LeaseElection(options, { kube, watcher: kube, clock, random, log, onLeading: on.onLeading, onLost })
}

/** Reads go through; each write asks first whether this process still leads. */
function leadersKube(kube: Kube, leadership: Leadership): Kube {
  const { create, replace, patch, delete: remove, createSubresource } = fenced(kube, leadership)
  const { get, list } = kube
  return { get, list, create, replace, patch, delete: remove, createSubresource }
}

function leadersMailer({ mailer, clock, random, metrics }: Adapters, leadership: Leadership): GuardedMailer {
  const send: Mailer['send'] = async (message, signal) => {
    assertLeader(leadership)
    return mailer.send(message, signal)
  }
  return withBreaker({ send, close: mailer.close }, { clock, random, metrics: createMailMetrics(metrics.registry) })
}
