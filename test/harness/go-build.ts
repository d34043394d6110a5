import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { guardFolder, guardProcess, releaseFolder, releaseProcess } from './guard.ts'
import { withLock } from './lock.ts'

/** One program of a Go module: a `tool` directive of its go.mod, or `.` for the module itself. */
export interface GoProgram {
  readonly name: string
  readonly package: string
  /** Flags for the linker, beside `-s -w`. */
  readonly ldflags: string
}

export interface GoBuild {
  /** The folder of go.mod and go.sum. */
  readonly module: string
  /** How the folder in the cache begins. */
  readonly prefix: string
  readonly programs: readonly GoProgram[]
}

/**
 * The folder in the cache (`$XDG_CACHE_HOME/tenantry/<prefix>-<hash of the module>/`) with all programs in it.
 * What is missing is built; of two processes one builds and the other waits.
 * @throws Error with Go's words when there is no Go or the build fails.
 */
export async function ensureBuilt(build: GoBuild, progress: (sentence: string) => void): Promise<string> {
  const folder = join(cacheFolder(), `${build.prefix}-${await hashOf(build)}`)
  if ((await missing(folder, build)).length === 0) return folder
  await mkdir(folder, { recursive: true })
  await withLock(join(folder, 'lock'), progress, async () => {
    const todo = await missing(folder, build)
    for (const [index, program] of todo.entries()) {
      const report = (seconds: number): void =>
        progress(`building ${program.name} (${index + 1} of ${todo.length}), ${seconds} s`)
      await reporting(report, () => buildOne(build.module, program, folder))
    }
  })
  return folder
}

/** Where what was built or fetched is kept, outside the checkout. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tenantry')
}

async function hashOf(build: GoBuild): Promise<string> {
  const hash = createHash('sha256')
  const sources = (await readdir(build.module)).filter((file) => file.endsWith('.go'))
  for (const file of ['go.mod', 'go.sum', ...sources.toSorted()]) hash.update(await readFile(join(build.module, file)))
  hash.update(`${process.platform}-${process.arch}`)
  hash.update(JSON.stringify(build.programs))
  return hash.digest('hex').slice(0, 12)
}

async function missing(folder: string, { programs }: GoBuild): Promise<GoProgram[]> {
  const found = await Promise.all(
    programs.map(({ name }) =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  )
  return programs.filter((_, index) => !found[index])
}

/** The program has its name only when it is whole, so a build that was cut off leaves nothing that looks done. */
async function buildOne(module: string, program: GoProgram, folder: string): Promise<void> {
  const unfinished = join(folder, `${program.name}.${process.pid}.part`)
  const ldflags = `-s -w ${program.ldflags}`.trim()
  guardFolder(unfinished)
  try {
    await go(module, ['build', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', unfinished, program.package])
    await rename(unfinished, join(folder, program.name))
  } finally {
    await rm(unfinished, { force: true })
    releaseFolder(unfinished)
  }
}

function go(cwd: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = execFile('go', args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, _stdout, stderr) => {
    if (child.pid !== undefined) releaseProcess(child.pid)
    if (!error) return resolve()
    const hint =
      error.code === 'ENOENT'
        ? 'Go is not installed. The test control plane is built with it once: install Go from https://go.dev/dl/, or set KUBEBUILDER_ASSETS.'
        : `go ${args.join(' ')} failed:\n${stderr.trimEnd().split('\n').slice(-20).join('\n')}`
    reject(new Error(hint, { cause: error }))
  })
  if (child.pid !== undefined) guardProcess(child.pid)
  return promise
}

async function reporting<T>(report: (seconds: number) => void, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  report(0)
  const timer = setInterval(() => report(Math.round((performance.now() - start) / 1000)), 15_000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
