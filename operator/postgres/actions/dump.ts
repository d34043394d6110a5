/**
 * The actions on the temporary logins and database of a dump. Like all actions they look first and touch nothing that
 * is not this tenant's; the remains of an earlier attempt are removed first.
 */
import { z } from 'zod'

import { dropClosedDatabase } from './drop-database.ts'
import { giveWhatCanBe } from './object-owner.ts'
import { dumpNames } from '../model/dump-names.ts'
import { look as lookAtDatabase } from '../reads/look.ts'
import { parseMark, sameTenant } from '../model/mark.ts'
import { PostgresError } from '../model/port.ts'
import type { DatabaseAction, TenantDatabase } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import { column } from '../session/server.ts'
import {
  createScratch,
  dropDumpRoles,
  dumpLoginStatements,
  dumpRemainsQuery,
  endDumpSessions,
  openScratchStatements,
  restorerStatements,
  scratchInsideStatements,
} from '../statements/dump-sql.ts'
import type { DumpRemains } from '../statements/dump-sql.ts'
import { localeQuery } from '../statements/locale-sql.ts'

type Action<K extends DatabaseAction['kind']> = Extract<DatabaseAction, { kind: K }>

/**
 * Creates the login that reads. It reads the owner role's objects, so the logins' objects are given to that role
 * first.
 */
export async function openDump(server: Server, action: Action<'OpenDump'>, signal: AbortSignal): Promise<void> {
  const version = await endDump(server, action.target, signal)
  await giveWhatCanBe(server, action.target, await lookAtDatabase(server, action.target, signal), signal)
  await server.transact(dumpLoginStatements(action.target, action.login, version), signal)
}

const locales = z.tuple([
  z.object({
    encoding: z.string(),
    provider: z.string(),
    collate: z.string(),
    ctype: z.string(),
    locale: z.string().nullable(),
    rules: z.string().nullable(),
  }),
])

/** The login that restores, and an empty database for it. After {@link openDump}, which removed former ones. */
export async function openScratch(server: Server, action: Action<'OpenScratch'>, signal: AbortSignal): Promise<void> {
  const { target, login } = action
  const { version } = await look(server, target, signal)
  await server.transact(restorerStatements(target, login, version), signal)
  const [locale] = locales.parse(await server.read({ text: localeQuery, values: [target.names.database] }, signal))
  await server.command(createScratch(target, locale), signal)
  await server.transact(openScratchStatements(target), signal)
  const text = scratchInsideStatements(target, version).join(';\n')
  await server.inside(dumpNames(target.names).scratch, signal, (connection) =>
    server.write(connection, { text }, signal),
  )
}

/** Nothing of a dump is left afterwards; where nothing exists it costs one query. Resolves to the server's version. */
export async function endDump(server: Server, target: TenantDatabase, signal: AbortSignal): Promise<number> {
  const { version, ...remains } = await look(server, target, signal)
  if (remains.roles.length === 0 && !remains.scratch) return version
  await server.transact(endDumpSessions(target, remains, version), signal)
  if (remains.scratch) await dropClosedDatabase(server, dumpNames(target.names).scratch, signal)
  await server.transact(dropDumpRoles(remains.roles, version), signal)
  return version
}

const seen = z.object({
  operator: z.string(),
  version: z.number(),
  roles: z.array(z.object({ name: z.string(), comment: z.string().nullable() })),
  scratchOwner: z.string().nullable(),
})

/** Rejects with `Conflict` when a name that the dump needs is taken. */
async function look(
  server: Server,
  target: TenantDatabase,
  signal: AbortSignal,
): Promise<DumpRemains & { readonly version: number }> {
  const { login, restorer, scratch } = dumpNames(target.names)
  const [row] = await server.read({ text: dumpRemainsQuery, values: [login, restorer, scratch] }, signal)
  const { operator, version, roles, scratchOwner } = seen.parse(column(row, 'remains'))
  const foreign = roles.find(({ comment }) => {
    const mark = parseMark(comment ?? undefined)
    return mark?.kind !== 'dump' || !sameTenant(target.mark, mark)
  })
  if (foreign !== undefined) throw new PostgresError('Conflict', taken('role', foreign.name))
  if (scratchOwner !== null && scratchOwner !== operator)
    throw new PostgresError('Conflict', taken('database', scratch))
  return { version, roles: roles.map(({ name }) => name), scratch: scratchOwner !== null }
}

function taken(what: string, name: string): string {
  return `The ${what} "${name}", whose name a dump needs for a while, exists without the mark of one. Rename it.`
}
