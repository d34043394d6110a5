/**
 * Runs the operator: first the probes, then the assembly as soon as the cluster answers, then the web; last the caches
 * fill, and the replica stands for election (start in assemble.ts). Shuts it down in order.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { assemble } from './assemble.ts'
import type { Assembly } from './assemble.ts'
import type { Adapters } from './ports.ts'
import type { Config } from '../config/config.ts'
import { installationName, InstallationMismatch } from './installation.ts'
import { leaseName } from './leadership.ts'
import { backoff } from '../runtime/base/backoff.ts'
import { pause } from '../runtime/base/deadline.ts'
import { createHealth } from '../runtime/process/health.ts'
import type { Health } from '../runtime/process/health.ts'
import { createShutdown } from '../runtime/process/shutdown.ts'
import { startWeb } from './pages.ts'
import type { Web } from './pages.ts'

export interface Running {
  /**
   * Resolves when this replica leads or stands by. Rejects with InstallationMismatch, or when a port cannot be opened.
   */
  readonly started: Promise<void>
  /** Ends everything in order, also in the middle of the start; resolves to whether all went well. May be called again. */
  readonly stop: (why: string) => Promise<boolean>
}

interface Parts {
  assembly?: Assembly
  web?: Web
}

/** Milliseconds that each step of the end may take, except the work in progress. */
const closing = 5_000
const retry = { base: 200, cap: 5_000 }

export function run(config: Config, adapters: Adapters): Running {
  const parts: Parts = {}
  const stopping = new AbortController()
  const health = createHealth({
    registry: adapters.metrics.registry,
    live: {},
    ready: {
      caches: () => (parts.assembly === undefined ? 'the cluster has not answered yet' : parts.assembly.notReady()),
      web: () => (parts.web === undefined ? 'the web server does not listen yet' : undefined),
    },
  })
  const steps = [
    { name: 'the start', deadline: closing, run: () => stopping.abort(new Error('the operator is stopping')) },
    { name: 'readiness', deadline: closing, run: () => health.drain() },
    { name: 'work in hand', deadline: config.drainTimeout, run: () => parts.assembly?.drain(config.drainTimeout / 2) },
    { name: 'web', deadline: closing, run: () => parts.web?.close() },
    { name: 'watches and databases', deadline: closing, run: () => parts.assembly?.close() },
    { name: 'probes', deadline: closing, run: () => closed(health.server) },
    { name: 'cluster', deadline: closing, run: () => adapters.close() },
  ]
  const stop = createShutdown(steps, adapters.clock, adapters.log)
  const started = start({ config, adapters, parts, health, signal: stopping.signal })
  return { started, stop }
}

interface Start {
  readonly config: Config
  readonly adapters: Adapters
  readonly parts: Parts
  readonly health: Health
  readonly signal: AbortSignal
}

async function start({ config, adapters, parts, health, signal }: Start): Promise<void> {
  const { kube, clock, random, log } = adapters
  await listening(health.server, config.listen.health, config.listen.address)
  const assembly = await assembled(config, adapters, signal)
  signal.throwIfAborted()
  parts.assembly = assembly
  const { keys, installation } = assembly
  parts.web = await startWeb(config, installation, { kube, keys, clock, random, log })
  signal.throwIfAborted()
  await assembly.start()
  log.info('ready', { installation, lease: leaseName })
}

/** Waits for an API server that is not up yet. */
async function assembled(config: Config, adapters: Adapters, signal: AbortSignal): Promise<Assembly> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await assemble(config, adapters)
    } catch (error) {
      if (error instanceof InstallationMismatch) throw error
      signal.throwIfAborted()
      adapters.log.warn('the cluster does not answer as it should, trying again', { what: installationName, error })
      await pause(adapters.clock, backoff(failures, retry, adapters.random), signal)
      signal.throwIfAborted()
    }
  }
}

async function listening(server: Server, port: number, address: string): Promise<void> {
  server.listen(port, address)
  await once(server, 'listening')
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
