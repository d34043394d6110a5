import { randomBytes } from 'node:crypto'
import { controlPlaneBinaries } from './binaries.ts'
import type { ControlPlaneBinaries, Progress } from './binaries.ts'
import { clusterAt } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { layControlPlane } from './control-plane-files.ts'
import type { ControlPlaneFiles } from './control-plane-files.ts'
import { apiServerArgs, controllerManagerArgs, etcdArgs } from './control-plane-args.ts'
import { temporaryFolder } from './folder.ts'
import { httpsGet } from './https.ts'
import { writeInstalled } from './installed.ts'
import { freePort } from './port.ts'
import { startProcess } from './process.ts'
import type { ServerProcess } from './process.ts'
import { eventually } from './wait.ts'

export interface ControlPlaneOptions {
  /** Write the audit log, and wait for it with each request. Off by default. */
  readonly audit?: boolean
  /** Sentences for people: what is being built or started. */
  readonly onProgress?: Progress
  /** What etcd holds before kube-apiserver starts: the file that `keepInstalled` of installed.ts has written. */
  readonly begin?: string | undefined
  /** More flags for kube-apiserver: `--feature-gates=…` */
  readonly apiServerFlags?: readonly string[]
  /** More flags for kube-controller-manager. */
  readonly controllerManagerFlags?: readonly string[]
}

/** etcd, kube-apiserver and kube-controller-manager of our own, with RBAC, for faults too. */
export interface ControlPlane extends Cluster, AsyncDisposable {
  /** Bearer token of the admin (user `admin`, group system:masters). */
  readonly adminToken: string
  readonly apiServer: ServerProcess
  readonly controllerManager: ServerProcess
  readonly etcdServer: ServerProcess
  /** Ends kube-apiserver and starts it at the same address. Its watch cache begins anew: see `Etcd.compact`. */
  restartApiServer(): Promise<void>
  /** Ends all three and removes their data. Repeating it is no error. */
  stop(): Promise<void>
}

/**
 * Starts a control plane on free ports of the loopback and waits until namespaces get their ServiceAccount. It lives no
 * longer than the calling process.
 * @throws Error with the end of the log of what did not start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const progress = options.onProgress ?? (() => undefined)
  const binaries = await controlPlaneBinaries(progress)
  const folder = await temporaryFolder('control-plane')
  const stack = new AsyncDisposableStack()
  stack.defer(() => folder.remove())
  try {
    progress('starting etcd, kube-apiserver and kube-controller-manager')
    const ports = { api: await freePort(), manager: await freePort(), etcd: await freePort(), peer: await freePort() }
    const tokens = { admin: token(), manager: token() }
    const files = await layControlPlane({ folder: folder.path, ports, tokens, audit: options.audit ?? false })
    const running = await startServers(binaries, files, options, stack)
    return controlPlane(files, binaries, running, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

interface Running {
  readonly etcd: ServerProcess
  readonly apiServer: () => ServerProcess
  readonly controllerManager: ServerProcess
  readonly restartApiServer: () => Promise<void>
}

async function startServers(
  binaries: ControlPlaneBinaries,
  files: ControlPlaneFiles,
  options: ControlPlaneOptions,
  stack: AsyncDisposableStack,
): Promise<Running> {
  const start = async (name: string, command: string, args: readonly string[]): Promise<ServerProcess> =>
    startProcess({ name, command, args, logPath: `${files.folder}/${name}.log` })
  const etcd = await start('etcd', binaries.etcd, etcdArgs(files))
  stack.defer(() => etcd.stop())
  if (options.begin !== undefined) await writeInstalled(options.begin, files.etcdUrl)
  const startApiServer = async (): Promise<ServerProcess> => {
    const args = [...apiServerArgs(files), ...(options.apiServerFlags ?? [])]
    return start('kube-apiserver', binaries.apiServer, args)
  }
  let apiServer = await startApiServer()
  // kube-apiserver ends before etcd: it hangs when etcd is gone. Nobody needs its drain of a minute.
  stack.defer(() => apiServer.stop({ timeout: 3000 }))
  await ready(apiServer, files)
  const managerArgs = [...controllerManagerArgs(files), ...(options.controllerManagerFlags ?? [])]
  const controllerManager = await start('kube-controller-manager', binaries.controllerManager, managerArgs)
  stack.defer(() => controllerManager.stop({ timeout: 3000 }))
  await controllersWork(controllerManager, files)
  return {
    etcd,
    apiServer: () => apiServer,
    controllerManager,
    async restartApiServer() {
      // A drain would wait for the watches of all clients; their connections break instead.
      await apiServer.stop({ timeout: 500 })
      apiServer = await startApiServer()
      await ready(apiServer, files)
    },
  }
}

function controlPlane(
  files: ControlPlaneFiles,
  binaries: ControlPlaneBinaries,
  running: Running,
  stack: AsyncDisposableStack,
): ControlPlane {
  const cluster = clusterAt({
    kubeconfigPath: files.adminKubeconfig,
    server: files.server,
    ca: files.ca,
    kubectlPath: binaries.kubectl,
    auditLogPath: files.auditLog,
    etcd: files.etcdUrl,
    folder: files.folder,
  })
  const stop = (): Promise<void> => stack.disposeAsync()
  return {
    ...cluster,
    adminToken: files.tokens.admin,
    etcdServer: running.etcd,
    controllerManager: running.controllerManager,
    get apiServer() {
      return running.apiServer()
    },
    restartApiServer: running.restartApiServer,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** The process is looked at before its answer: another server may have taken the port. */
async function ready(apiServer: ServerProcess, files: ControlPlaneFiles): Promise<void> {
  await whileAlive(apiServer, 'kube-apiserver to be ready', async () => {
    const { status } = await httpsGet(`${files.server}/readyz`, { ca: files.ca, token: files.tokens.admin })
    return status === 200
  })
}

async function controllersWork(manager: ServerProcess, files: ControlPlaneFiles): Promise<void> {
  const credentials = { ca: files.ca, token: files.tokens.admin }
  const signs = ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']
  await whileAlive(manager, 'the controllers to give namespace default its ServiceAccount', async () => {
    const answers = signs.map((path) => httpsGet(`${files.server}/api/v1/namespaces/default/${path}`, credentials))
    return (await Promise.all(answers)).every(({ status }) => status === 200)
  })
}

async function whileAlive(server: ServerProcess, describe: string, check: () => Promise<boolean>): Promise<void> {
  const ended = server.exited.then(() => server.assertAlive())
  await Promise.race([ended, eventually(check, { timeout: 120_000, interval: 50, describe })])
  server.assertAlive()
}

function token(): string {
  return randomBytes(24).toString('hex')
}
