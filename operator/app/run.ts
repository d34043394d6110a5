/**
 * Runs the operator: first the probes, then the assembly as soon as the cluster answers; last the caches fill, and the
 * replica stands for election (start in assemble.ts). Shuts it down in order.
 */
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
import { closed, listening } from '../runtime/process/listening.ts'
import type { Running } from '../runtime/process/running.ts'
import { createShutdown } from '../runtime/process/shutdown.ts'

interface Parts {
  assembly?: Assembly
}

/** Milliseconds that each step of the end may take, except the work in progress. */
const closing = 5_000
const retry = { base: 200, cap: 5_000 }

/** `started` rejects with InstallationMismatch, or when the port of the probes cannot be opened. */
export function run(config: Config, adapters: Adapters): Running {
  const parts: Parts = {}
  const stopping = new AbortController()
  const health = createHealth({
    registry: adapters.metrics.registry,
    live: {},
    ready: {
      caches: () => (parts.assembly === undefined ? 'the cluster has not answered yet' : parts.assembly.notReady()),
    },
  })
  const steps = [
    { name: 'the start', deadline: closing, run: () => stopping.abort(new Error('the operator is stopping')) },
    { name: 'readiness', deadline: closing, run: () => health.drain() },
    { name: 'work in hand', deadline: config.drainTimeout, run: () => parts.assembly?.drain(config.drainTimeout / 2) },
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
  await listening(health.server, config.listen.health, config.listen.address)
  const assembly = await assembled(config, adapters, signal)
  signal.throwIfAborted()
  parts.assembly = assembly
  await assembly.start()
  adapters.log.info('ready', { installation: assembly.installation, lease: leaseName })
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
