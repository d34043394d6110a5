/** The operator as a process of its own, with the rights that the chart gives its ServiceAccount and no others. */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { temporaryFolder } from './folder.ts'
import { operatorAccount } from './installation.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { freePort } from './port.ts'
import { startProcess } from './process.ts'
import type { ServerProcess, StopOptions } from './process.ts'
import { eventually } from './wait.ts'

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
  /** The port of its web pages, so that links in mails outlive a restart. */
  readonly webPort?: number
}

export interface OperatorProcess extends AsyncDisposable {
  readonly process: ServerProcess
  readonly pod: { readonly name: string; readonly uid: string }
  /** `http://127.0.0.1:<port>` of the accept page. */
  readonly web: string
  /** `http://127.0.0.1:<port>` of /healthz, /readyz and /metrics. */
  readonly health: string
  /** `system:serviceaccount:…`, as the audit log has it. */
  readonly user: string
  /** Which token is its own, as the audit log has it: two operators are the same user. */
  readonly credential: string
  /** All that it has written to its log so far. */
  logs(): Promise<string>
  /** Milliseconds from its start until it was ready. @throws TimeoutError */
  ready(timeout?: number): Promise<number>
  /** The status and body of one of its pages for probes. */
  probe(path: '/healthz' | '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly body: string }>
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
    const ports = { web: options.webPort ?? (await freePort()), health: await freePort() }
    const token = await tokenOf(cluster, namespace, pod.uid)
    const kubeconfig = await kubeconfigWith(token, cluster, namespace, options.apiPort, folder.path)
    const env = {
      PATH: process.env['PATH'],
      HOME: folder.path,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      TENANTRY_KUBECONFIG: kubeconfig,
      ...(await settings(options, folder.path)),
      TENANTRY_NAMESPACE: namespace,
      TENANTRY_POD_NAME: pod.name,
      TENANTRY_POD_UID: pod.uid,
      TENANTRY_WEB_PORT: String(ports.web),
      TENANTRY_HEALTH_PORT: String(ports.health),
      TENANTRY_PUBLIC_URL: `http://127.0.0.1:${ports.web}`,
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
    const operator = operatorProcess(running, pod, ports, namespace, credentialOf(token), started, () =>
      folder.remove(),
    )
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

function kubeconfigWith(
  token: string,
  { ca, server }: Cluster,
  namespace: string,
  apiPort: number | undefined,
  folder: string,
): Promise<string> {
  const at = apiPort === undefined ? server : `https://127.0.0.1:${apiPort}`
  return writeKubeconfig(join(folder, 'operator.kubeconfig'), { server: at, ca, token }, namespace)
}

/** One a pod; its next container has the same, and shall not start slower for a kubectl. */
function tokenOf(cluster: Cluster, namespace: string, pod: string): Promise<string> {
  const which = `${cluster.server} ${namespace} ${pod}`
  const token = tokens.get(which) ?? cluster.tokenFor(operatorAccount(namespace))
  tokens.set(which, token)
  return token
}

const tokens = new Map<string, Promise<string>>()

/** What the apiserver calls a ServiceAccount's token: by the claim `jti` in the middle part of the JWT (RFC 7519). */
function credentialOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { jti?: string }
  return `JTI=${claims.jti ?? ''}`
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

function operatorProcess(
  running: ServerProcess,
  pod: OperatorProcess['pod'],
  ports: { readonly web: number; readonly health: number },
  namespace: string,
  credential: string,
  started: number,
  clean: () => Promise<void>,
): OperatorProcess {
  const health = `http://127.0.0.1:${ports.health}`
  const probe: OperatorProcess['probe'] = async (path) => {
    // Many ask once: a machine that stands still for a moment is no answer.
    const response = await fetch(health + path, { signal: AbortSignal.timeout(20_000) })
    return { status: response.status, body: await response.text() }
  }
  const { name } = operatorAccount(namespace)
  const stop = async (options?: StopOptions): Promise<void> => running.stop({ timeout: 25_000, ...options })
  return {
    process: running,
    pod,
    web: `http://127.0.0.1:${ports.web}`,
    health,
    user: `system:serviceaccount:${namespace}:${name}`,
    credential,
    logs: () => readFile(running.logPath, 'utf8'),
    probe,
    async ready(timeout = 60_000) {
      const isReady = async () => (await probe('/readyz')).status === 200
      const ended = running.exited.then(() => running.assertAlive())
      const waiting = eventually(isReady, { timeout, interval: 10, describe: 'the operator to be ready' })
      await Promise.race([ended, waiting]).catch(async (cause: unknown) => {
        const log = (await readFile(running.logPath, 'utf8')).trimEnd().split('\n').slice(-20).join('\n')
        throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${log}`, { cause })
      })
      return performance.now() - started
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
