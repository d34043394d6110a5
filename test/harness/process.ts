import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { guardProcess, releaseProcess } from './guard.ts'
import { descendantsOf, signal } from './process-tree.ts'

export interface ProcessOptions {
  /** How messages call it. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Standard output and standard error are appended to this file. */
  readonly logPath: string
  /** The whole environment; default the caller's. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
}

export interface StopOptions {
  /** SIGTERM by default. */
  readonly signal?: NodeJS.Signals
  /** Milliseconds until SIGKILL; 10,000 by default. */
  readonly timeout?: number
}

export interface ServerProcess {
  readonly name: string
  readonly pid: number
  readonly logPath: string
  /** Settles when it has ended: its exit code, or the signal that ended it. Never rejects. */
  readonly exited: Promise<number | NodeJS.Signals>
  alive(): boolean
  /** @throws Error with the end of the log, when it has ended. */
  assertAlive(): void
  signal(name: NodeJS.Signals): void
  /** SIGSTOP to it and all its descendants. */
  pause(): void
  /** SIGCONT to it and all its descendants. */
  resume(): void
  /** Ends it: a paused one is resumed, one that does not end in time is killed. Repeating it is no error. */
  stop(options?: StopOptions): Promise<void>
}

/**
 * Starts a long-running program that ends with the calling process at the latest (see guard.ts). It has a session of
 * its own, so that a Ctrl-C in the terminal does not end servers in any order but ours.
 * @throws Error when it cannot be started.
 */
export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  const log = openSync(options.logPath, 'a')
  const { uid, gid, cwd } = options
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: options.env ?? process.env,
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  })
  closeSync(log)
  const { promise: exited, resolve } = Promise.withResolvers<number | NodeJS.Signals>()
  const { promise: started, resolve: start, reject } = Promise.withResolvers<number>()
  child.once('error', (cause) => reject(new Error(`${options.name} could not be started: ${cause.message}`, { cause })))
  child.once('spawn', () => start(child.pid ?? 0))
  child.once('exit', (code, by) => {
    if (child.pid !== undefined) releaseProcess(child.pid)
    resolve(by ?? code ?? 0)
  })
  if (child.pid !== undefined) guardProcess(child.pid)
  return serverProcess(options, await started, exited)
}

function serverProcess(
  { name, logPath }: ProcessOptions,
  pid: number,
  exited: Promise<number | NodeJS.Signals>,
): ServerProcess {
  let end: number | NodeJS.Signals | undefined
  void exited.then((how) => (end = how))
  const alive = (): boolean => end === undefined
  const tree = (): number[] => (alive() ? [pid, ...descendantsOf(pid)] : [])
  const resume = (): void => tree().forEach((member) => signal(member, 'SIGCONT'))
  return {
    name,
    pid,
    logPath,
    exited,
    alive,
    assertAlive() {
      if (!alive()) throw new Error(`${name} has ended (${end}). The end of its log:\n${tail(logPath)}`)
    },
    signal: (which) => alive() && signal(pid, which),
    pause: () => tree().forEach((member) => signal(member, 'SIGSTOP')),
    resume,
    async stop({ signal: which = 'SIGTERM', timeout = 10_000 } = {}) {
      if (!alive()) return
      resume()
      signal(pid, which)
      const longWait = new AbortController()
      const late = sleep(timeout, 'late', { signal: longWait.signal }).catch(() => undefined)
      if ((await Promise.race([exited, late])) === 'late') tree().forEach((member) => signal(member, 'SIGKILL'))
      longWait.abort()
      await exited
    },
  }
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}
