/**
 * Runs the process that serves the pages: first the probes; then, as soon as the operator has made the id of the
 * installation and the signing keys, the caches fill, and the pages follow. Shuts it down in order.
 */
import { installationName, recordedInstallation } from '../app/installation.ts'
import { signingKeysName } from '../api/names.ts'
import type { WebConfig } from '../config/web-config.ts'
import { backoff } from '../runtime/base/backoff.ts'
import { pause } from '../runtime/base/deadline.ts'
import { laggingAmong, laggingInWords } from '../runtime/cache/lagging.ts'
import { createHealth } from '../runtime/process/health.ts'
import type { Health } from '../runtime/process/health.ts'
import { closed, listening } from '../runtime/process/listening.ts'
import type { Running } from '../runtime/process/running.ts'
import { createShutdown } from '../runtime/process/shutdown.ts'
import { createKeyReader } from '../tenantadmin/invite/signing-keys.ts'
import { createPagesSources } from './pages-sources.ts'
import type { PagesSources } from './pages-sources.ts'
import { startPages } from './pages.ts'
import type { Pages } from './pages.ts'
import type { PagesAdapters } from './pages-ports.ts'
import { createSignIn } from './sign-in.ts'
import type { SignIn } from './sign-in.ts'

interface Parts {
  pages?: Pages
  sources?: PagesSources
  signIn?: SignIn
  /** The watches and what is done at intervals, until the signal of the start aborts. */
  running?: Promise<unknown>
  /** What the start waits for. */
  waitsFor?: string
}

/** Milliseconds that each step of the end may take. */
const closing = 5_000
const retry = { base: 200, cap: 5_000 }

export function runPages(config: WebConfig, adapters: PagesAdapters): Running {
  const parts: Parts = {}
  const stopping = new AbortController()
  const health = createHealth({
    registry: adapters.metrics.registry,
    live: {},
    ready: {
      pages: () => (parts.pages === undefined ? `the pages wait for ${parts.waitsFor ?? 'the start'}` : undefined),
      caches: () => laggingInWords(laggingAmong(Object.values(parts.sources ?? {}))),
    },
  })
  const steps = [
    { name: 'readiness', deadline: closing, run: () => health.drain() },
    { name: 'pages', deadline: config.drainTimeout, run: () => parts.pages?.close() },
    { name: 'the start', deadline: closing, run: () => stopping.abort(new Error('the process is stopping')) },
    { name: 'watches and providers', deadline: closing, run: () => ended(parts) },
    { name: 'probes', deadline: closing, run: () => closed(health.server) },
    { name: 'cluster', deadline: closing, run: () => adapters.close() },
  ]
  const stop = createShutdown(steps, adapters.clock, adapters.log)
  return { started: start({ config, adapters, parts, health, signal: stopping.signal }), stop }
}

interface Start {
  readonly config: WebConfig
  readonly adapters: PagesAdapters
  readonly parts: Parts
  readonly health: Health
  readonly signal: AbortSignal
}

async function ended({ running, signIn }: Parts): Promise<void> {
  await Promise.all([running, signIn?.close()])
}

async function start({ config, adapters, parts, health, signal }: Start): Promise<void> {
  const { kube, clock, log } = adapters
  const { namespace, webNamespace } = config
  await listening(health.server, config.listen.health, config.listen.address)
  const until = <T>(what: string, read: () => Promise<T | undefined>): Promise<T> => {
    parts.waitsFor = what
    return there(what, read, adapters, signal)
  }
  const installation = await until(`the ConfigMap ${installationName} in ${namespace}, which the operator makes`, () =>
    recordedInstallation(kube, namespace),
  )
  const keys = createKeyReader(kube, clock, webNamespace)
  // Without a key every link would be told to be dead.
  await until(
    `the Secret ${signingKeysName} in ${webNamespace}, which the operator makes`,
    async () => (await keys()).current,
  )
  parts.waitsFor = 'the caches'
  const sources = createPagesSources({ watcher: kube, ...adapters, features: { watchList: true } }, config)
  parts.sources = sources
  const signIn = createSignIn(config, installation, { ...adapters, keys, sources })
  parts.signIn = signIn
  const following = Object.values(sources)
  parts.running = Promise.all(following.map((source) => source.run(signal)))
  await Promise.all(following.map(({ synced }) => synced))
  signal.throwIfAborted()
  parts.running = Promise.all([parts.running, signIn.run(signal)])
  parts.pages = await startPages(config, installation, { ...adapters, keys }, signIn.context)
  signal.throwIfAborted()
  log.info('ready', { installation })
}

/** What `read` gives, as soon as it gives something; says once what it waits for. */
async function there<T>(
  what: string,
  read: () => Promise<T | undefined>,
  { clock, random, log }: PagesAdapters,
  signal: AbortSignal,
): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    const found = await read().catch((error: unknown) => {
      log.warn('the cluster does not answer as it should, trying again', { what, error })
      return undefined
    })
    signal.throwIfAborted()
    if (found !== undefined) return found
    if (attempts === 1) log.info('waiting', { what })
    await pause(clock, backoff(attempts, retry, random), signal)
    signal.throwIfAborted()
  }
}
