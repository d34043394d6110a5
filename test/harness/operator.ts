/** The operator as a process of its own, with the rights that the chart gives its ServiceAccount and no others. */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { temporaryFolder } from './folder.ts'
import { accountOf } from './account.ts'
import type { Account } from './account.ts'
import { operatorAccount } from './chart.ts'
import { freePort } from './port.ts'
import { probed } from './probed.ts'
import type { Probed } from './probed.ts'
import { startProcess } from './process.ts'
import type { ServerProcess, StopOptions } from './process.ts'
import type { WebProcess } from './web.ts'

/** Nothing listens there. */
const noPages = 'http://127.0.0.1:9'

const root = join(import.meta.dirname, '..', '..')

export interface OperatorOptions {
  readonly cluster: Cluster
  /** The operator's namespace, where install() has put its ServiceAccount. */
  readonly namespace?: string
  /** The relay that mail goes to; without one none is configured. */
  readonly mail?: { readonly host: string; readonly port: number; readonly ca: string } | undefined
  /** Settings (operator/config/config.ts) beside or instead of those that tests use. */
  readonly env?: Readonly<Record<string, string>>
  /** The program, from the root of the checkout; `operator/main.ts` by default. */
  readonly entry?: string
  /** The pod that it takes itself for; a new one by default. One that is given again is the same pod's next container. */
  readonly pod?: { readonly name: string; readonly uid: string }
  /** Where it reaches the apiserver, when not directly: a proxy's port on the loopback. */
  readonly apiPort?: number
  /** Do not wait until it is ready. */
  readonly unready?: boolean
  /** The pages that its links lead to; it is not ready before they are. Without them links lead nowhere. */
  readonly web?: Pick<WebProcess, 'url' | 'ready'> | undefined
}

export interface OperatorProcess extends Probed, AsyncDisposable {
  readonly process: ServerProcess
  readonly pod: { readonly name: string; readonly uid: string }
  /** Where its links lead: `http://127.0.0.1:<port>`. */
  readonly web: string
  /** `http://127.0.0.1:<port>` of /healthz, /readyz and /metrics. */
  readonly health: string
  /** `system:serviceaccount:…`, as the audit log has it. */
  readonly user: string
  /** Which token is its own, as the audit log has it: two operators are the same user. */
  readonly credential: string
  /** All that it has written to its log so far. */
  logs(): Promise<string>
  /** SIGKILL, waited for. */
  kill(): Promise<void>
  pause(): void
  resume(): void
  stop(options?: StopOptions): Promise<void>
}

/** A pod as the downward API would tell of it. */
export function newPod(): { readonly name: string; readonly uid: string } {
  const uid = randomUUID()
  return { name: `tenantry-${uid.slice(0, 8)}`, uid }
}

/**
 * Starts `node operator/main.ts` as the chart's Deployment would run it, and waits until /readyz says yes. It lives no
 * longer than the calling process.
 * @throws Error with the end of its log, when it ends or does not become ready.
 */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const { cluster, namespace = 'tenantry-system', entry = 'operator/main.ts', pod = newPod() } = options
  const folder = await temporaryFolder('operator')
  try {
    const health = await freePort()
    const { name } = operatorAccount(namespace)
    const { apiPort, web } = options
    const account = await accountOf({ cluster, namespace, name, pod: pod.uid, apiPort, folder: folder.path })
    const env = {
      PATH: process.env['PATH'],
      HOME: folder.path,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      TENANTRY_KUBECONFIG: account.kubeconfig,
      ...(await settings(options, folder.path)),
      TENANTRY_NAMESPACE: namespace,
      TENANTRY_POD_NAME: pod.name,
      TENANTRY_POD_UID: pod.uid,
      TENANTRY_HEALTH_PORT: String(health),
      TENANTRY_PUBLIC_URL: web?.url ?? noPages,
      ...options.env,
    }
    const started = performance.now()
    const logPath = join(folder.path, 'operator.log')
    const running = await startProcess({
      name: 'the operator',
      command: process.execPath,
      // As the image runs it (Dockerfile).
      args: ['--max-semi-space-size=4', join(root, entry)],
      logPath,
      env,
      cwd: root,
    })
    const operator = operatorProcess({ running, pod, web, account, health, started, clean: () => folder.remove() })
    if (options.unready !== true) await readyOrEnded(operator)
    return operator
  } catch (error) {
    await folder.remove()
    throw error
  }
}

async function readyOrEnded(operator: OperatorProcess): Promise<void> {
  try {
    await operator.ready()
  } catch (error) {
    await operator.kill()
    throw error
  }
}

async function settings({ mail }: OperatorOptions, folder: string): Promise<Readonly<Record<string, string>>> {
  const common = {
    TENANTRY_BASE_DOMAIN: 'tenants.example.com',
    TENANTRY_INSTALLATION: 'test',
    TENANTRY_LISTEN_ADDRESS: '127.0.0.1',
    TENANTRY_RESEND_INTERVAL: '0s',
    TENANTRY_MAIL_INTERVAL: '0s',
    // Tests delete many tenants; those of the brake set it.
    TENANTRY_DELETION_BRAKE_INSTALLATION: '0',
    TENANTRY_DELETION_BRAKE_MSP: '0',
    TENANTRY_BINDABLE_ROLES: 'tenantry-tenant-developer,tenantry-tenant-support,tenantry-tenant-viewer',
  }
  if (mail === undefined) return common
  const ca = join(folder, 'smtp-ca.crt')
  await writeFile(ca, mail.ca)
  return {
    ...common,
    TENANTRY_SMTP_HOST: mail.host,
    TENANTRY_SMTP_PORT: String(mail.port),
    TENANTRY_SMTP_SECURITY: 'starttls',
    TENANTRY_SMTP_CA_FILE: ca,
    TENANTRY_MAIL_FROM: 'invites@tenantry.example.com',
  }
}

interface Parts {
  readonly running: ServerProcess
  readonly pod: OperatorProcess['pod']
  readonly web: OperatorOptions['web']
  readonly account: Account
  /** The port of its probes. */
  readonly health: number
  readonly started: number
  readonly clean: () => Promise<void>
}

function operatorProcess({ running, pod, web, account, started, clean, ...ports }: Parts): OperatorProcess {
  const health = `http://127.0.0.1:${ports.health}`
  const { probe, ready } = probed(running, health, started)
  const stop = async (options?: StopOptions): Promise<void> => running.stop({ timeout: 25_000, ...options })
  return {
    process: running,
    pod,
    web: web?.url ?? noPages,
    health,
    user: account.user,
    credential: account.credential,
    logs: () => readFile(running.logPath, 'utf8'),
    probe,
    async ready(timeout) {
      const took = await ready(timeout)
      await web?.ready(timeout)
      return took
    },
    async kill() {
      running.signal('SIGKILL')
      await running.exited
    },
    pause: () => running.pause(),
    resume: () => running.resume(),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await clean()
    },
  }
}
