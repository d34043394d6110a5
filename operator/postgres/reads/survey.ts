/**
 * The periodic look at all tenants of a server: the shared catalogues by one query, and beside it what they lack, the
 * sizes and the schemas of shared databases. Those may fail (a database is being dropped, say): then they are unknown
 * this time, and nothing follows from that.
 */
import { z } from 'zod'

import { directorySchema } from '../../api/names.ts'
import type { DatabaseNames } from '../../api/names.ts'
import { parseMark } from '../model/mark.ts'
import type { MarkComment } from '../model/mark.ts'
import { PostgresError } from '../model/port.ts'
import type { Server } from '../session/server.ts'
import { schemasQuery, sizesQuery } from '../statements/queries-sql.ts'
import type { ObservedDatabase } from '../model/observed-database.ts'

/** Without bytes: the database is being dropped. */
const size = z.object({ name: z.string(), bytes: z.number().nullable() })
const schema = z.object({ name: z.string(), bytes: z.number().nullable(), owner: z.string(), acl: z.array(z.string()) })
export type SchemaRow = z.infer<typeof schema>

/** Every tenant of the installation, by owner role. Throws PostgresError. */
export async function survey(
  on: Server,
  withSizes: boolean,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ObservedDatabase>> {
  const found = await on.observe(signal)
  const tenants = [...found].map(([owner, seen]) => ({ owner, seen, mark: ownerMark(seen) }))
  const sharing = tenants.flatMap(({ mark }) => (mark?.schema === undefined ? [] : [mark.database]))
  const [sizes, ...inside] = await Promise.all([
    withSizes ? sizesOn(on, signal) : undefined,
    ...[...new Set(sharing)].map(
      async (name) => [name, await ifKnown(schemasIn(on, name, { names: null, withSizes }, signal))] as const,
    ),
  ])
  const schemas = new Map(inside)
  return new Map(
    tenants.map(({ owner, seen, mark }) => {
      const more =
        mark?.schema === undefined
          ? measured(sizes?.get(mark?.database ?? ''))
          : insideOf(mark.schema, schemas.get(mark.database))
      return [owner, { ...seen, ...more }]
    }),
  )
}

/** Exactly those tenants, marked or not, with the schemas of those that share a database. Throws PostgresError. */
export async function lookFor(
  on: Server,
  names: readonly DatabaseNames[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ObservedDatabase>> {
  const found = await on.observe(signal, names)
  const sharing = names.filter((each) => each.schema !== undefined && found.get(each.owner)?.database !== undefined)
  const inside = [...Map.groupBy(sharing, ({ database }) => database)].map(async ([database, tenants]) => {
    const wanted = tenants.flatMap((each) => [each.schema ?? '', directorySchema(each)])
    const rows = await ifKnown(schemasIn(on, database, { names: wanted, withSizes: true }, signal))
    return tenants.map((each) => [each.owner, insideOf(each.schema ?? '', rows)] as const)
  })
  const schemas = new Map((await Promise.all(inside)).flat())
  return new Map([...found].map(([owner, seen]) => [owner, { ...seen, ...schemas.get(owner) }]))
}

/** The schemas of a shared database; with `names` only those. Throws PostgresError. */
export async function schemasIn(
  on: Server,
  database: string,
  { names, withSizes }: { readonly names: readonly string[] | null; readonly withSizes: boolean },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SchemaRow>> {
  return on.inside(database, signal, async (connection) => {
    const rows = z.array(schema).parse(await connection.run({ text: schemasQuery, values: [names, withSizes] }, signal))
    return new Map(rows.map((row) => [row.name, row]))
  })
}

async function sizesOn(on: Server, signal: AbortSignal): Promise<ReadonlyMap<string, number> | undefined> {
  const rows = await ifKnown(on.read({ name: 'sizes', text: sizesQuery }, signal))
  const sizes = rows && z.array(size).parse(rows)
  return sizes && new Map(sizes.flatMap(({ name, bytes }) => (bytes === null ? [] : [[name, bytes] as const])))
}

function insideOf(name: string, rows: ReadonlyMap<string, SchemaRow> | undefined) {
  if (rows === undefined) return {}
  const own = [name, directorySchema({ schema: name })].flatMap((each) => rows.get(each) ?? [])
  const schemas = Object.fromEntries(own.map(({ name: of, owner, acl }) => [of, { owner, acl }]))
  return { schemas, ...measured(rows.get(name)?.bytes ?? undefined) }
}

function measured(sizeBytes: number | undefined) {
  return sizeBytes === undefined ? {} : { sizeBytes }
}

function ownerMark({ owner }: ObservedDatabase): Extract<MarkComment, { kind: 'owner' }> | undefined {
  const mark = parseMark(owner?.comment)
  return mark?.kind === 'owner' ? mark : undefined
}

async function ifKnown<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof PostgresError) return undefined
    throw error
  }
}
