/** Runs pg_dump and pg_restore: their arguments, their connection, and the meaning of their exit. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'

import type { InventoryLogin } from '../postgres/reads/inventory.ts'
import type { ServerAddress } from '../postgres/model/address.ts'
import { ownDirectory } from '../postgres/statements/inside-sql.ts'
import { run } from './child.ts'
import type { Ended } from './child.ts'
import type { PostgresClient } from './clients.ts'
import { restorable } from './restorable.ts'
import { fileError } from './file.ts'

/** One run of a program: its login, its file, its folder. */
export interface ProgramRun {
  readonly client: PostgresClient
  readonly login: InventoryLogin
  readonly file: string
  /** Holds the certificates that libpq reads from a file. */
  readonly folder: string
}

/**
 * Everything of the tenant except its admin directory, as the snapshot has it. With `schema`, only that; its large
 * objects are not in it then. Only this process can read the file: pg_dump keeps the mode of an existing one.
 */
export async function dump(
  { client, login, file, folder }: ProgramRun,
  what: { readonly snapshot: string; readonly schema: string | undefined },
  signal: AbortSignal,
): Promise<Ended> {
  const args = [
    '--format=custom',
    '--no-password',
    '--lock-wait-timeout=60s',
    `--file=${file}`,
    `--snapshot=${what.snapshot}`,
    ...(what.schema === undefined ? [`--exclude-schema=${ownDirectory}`] : [`--schema="${what.schema}"`]),
  ]
  await writeFile(file, '', { mode: 0o600 }).catch((error: unknown) => Promise.reject(fileError(error)))
  return run({ program: client.dump, args, env: await environment(login, folder), cwd: folder }, signal)
}

/**
 * Into an empty database, as a login that owns what it makes. Neither the roles that the tenant granted rights to nor
 * tablespaces can be relied on; what a platform has put beside the data ({@link restorable}) is left out.
 */
export async function restore({ client, login, file, folder }: ProgramRun, signal: AbortSignal): Promise<Ended> {
  const contents = join(folder, 'contents')
  const program = client.restore
  const env = await environment(login, folder)
  const listed = await run({ program, args: ['--list', `--file=${contents}`, file], env, cwd: folder }, signal)
  if (listed.status !== 0) return listed
  const wanted = join(folder, 'contents.wanted')
  await writeFile(wanted, restorable(await readFile(contents, 'utf8')), { mode: 0o600 })
  const args = [
    '--exit-on-error',
    '--verbose',
    '--no-password',
    '--no-owner',
    '--no-privileges',
    '--no-tablespaces',
    '--no-security-labels',
    `--use-list=${wanted}`,
    `--dbname=${login.database}`,
    file,
  ]
  return run({ program, args, env, cwd: folder, noise: progress }, signal)
}

/** The line of its verbose mode that names the entry at which it stopped, which no other mode names. */
const progress = /^pg_restore: (?!error:|warning:|fatal:|detail:|hint:|from TOC entry ).*\n/gm

/** Nothing of the operator's own environment: a PGSERVICE or a PGOPTIONS there is not meant for this. */
async function environment(login: InventoryLogin, folder: string): Promise<Readonly<Record<string, string>>> {
  const { address, database, username, password } = login
  return {
    LC_ALL: 'C',
    HOME: folder,
    PGHOST: address.host,
    PGPORT: String(address.port),
    PGDATABASE: database,
    PGUSER: username,
    PGPASSWORD: password,
    PGAPPNAME: 'tenantry-dump',
    PGCONNECT_TIMEOUT: '15',
    PGGSSENCMODE: 'disable',
    PGSSLMODE: address.tls.mode,
    ...(await trust(address.tls, folder)),
  }
}

/** The same certificates that the operator's own connections trust: the server's, else Node's. */
async function trust({ mode, ca }: ServerAddress['tls'], folder: string): Promise<Readonly<Record<string, string>>> {
  if (mode === 'disable' || mode === 'require') return {}
  const path = join(folder, 'ca.crt')
  await writeFile(path, ca ?? rootCertificates.join('\n'), { mode: 0o600 })
  return { PGSSLROOTCERT: path }
}
