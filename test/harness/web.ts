/** The pages as a process of their own, with the rights that the chart gives their ServiceAccount and no others. */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountOf } from './account.ts'
import { webAccount } from './chart.ts'
import type { Cluster } from './cluster.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { probed } from './probed.ts'
import type { Probed } from './probed.ts'
import { startProcess } from './process.ts'
import type { ServerProcess, StopOptions } from './process.ts'

const root = join(import.meta.dirname, '..', '..')

export interface WebOptions {
  readonly cluster: Cluster
  /** The operator's namespace, where install() has put the ServiceAccount. */
  readonly namespace?: string
  /** Settings (operator/config/web-config.ts) beside or instead of those that tests use. */
  readonly env?: Readonly<Record<string, string>>
  /** The program, from the root of the checkout; `operator/web-main.ts` by default. */
  readonly entry?: string
  readonly port?: number
  /** What the chart writes into sign-in.json (operator/config/sign-in-config.ts); without it nobody signs in but TenantAdmins with passwords. */
  readonly signIn?: object
}

export interface WebProcess extends Probed, AsyncDisposable {
  readonly process: ServerProcess
  /** `http://127.0.0.1:<port>`, the base of all links. */
  readonly url: string
  /** `http://127.0.0.1:<port>` of /healthz, /readyz and /metrics. */
  readonly health: string
  /** `system:serviceaccount:…`, as the audit log has it. */
  readonly user: string
  /** All that it has written to its log so far. */
  logs(): Promise<string>
  stop(options?: StopOptions): Promise<void>
}

/**
 * Starts `node operator/web-main.ts` as the chart's Deployment would run it. It is ready when an operator has led once, and
 * lives no longer than the calling process.
 */
export async function startWeb(options: WebOptions): Promise<WebProcess> {
  const { cluster, namespace = 'tenantry-system', entry = 'operator/web-main.ts' } = options
  const folder = await temporaryFolder('web')
  try {
    const ports = { web: options.port ?? (await freePort()), health: await freePort() }
    const account = await accountOf({ cluster, ...webAccount(namespace), pod: randomUUID(), folder: folder.path })
    const [url, health] = [`http://127.0.0.1:${ports.web}`, `http://127.0.0.1:${ports.health}`]
    const signIn = await signInFile(options.signIn, folder.path)
    const started = performance.now()
    const running = await startProcess({
      name: 'the web',
      command: process.execPath,
      // As the chart runs it.
      args: ['--max-semi-space-size=4', join(root, entry)],
      logPath: join(folder.path, 'web.log'),
      env: {
        PATH: process.env['PATH'],
        HOME: folder.path,
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        TENANTRY_KUBECONFIG: account.kubeconfig,
        TENANTRY_NAMESPACE: namespace,
        TENANTRY_LISTEN_ADDRESS: '127.0.0.1',
        TENANTRY_WEB_PORT: String(ports.web),
        TENANTRY_HEALTH_PORT: String(ports.health),
        TENANTRY_PUBLIC_URL: url,
        ...signIn,
        ...options.env,
      },
      cwd: root,
    })
    const stop = async (how?: StopOptions): Promise<void> => running.stop({ timeout: 25_000, ...how })
    return {
      ...probed(running, health, started),
      process: running,
      url,
      health,
      user: account.user,
      logs: () => readFile(running.logPath, 'utf8'),
      stop,
      async [Symbol.asyncDispose]() {
        await stop()
        await folder.remove()
      },
    }
  } catch (error) {
    await folder.remove()
    throw error
  }
}

async function signInFile(signIn: object | undefined, folder: string): Promise<Readonly<Record<string, string>>> {
  if (signIn === undefined) return {}
  const path = join(folder, 'sign-in.json')
  await writeFile(path, JSON.stringify({ session: { idle: '30m', lifetime: '12h' }, ...signIn }))
  return { TENANTRY_SIGN_IN_FILE: path }
}
