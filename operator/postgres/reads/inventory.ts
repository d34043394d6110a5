/**
 * Reads what a tenant's database holds, as the login that dumps or restores it and never as the operator: counting runs
 * code on the tenant's tables.
 */
import { z } from 'zod'

import { open } from '../session/connection.ts'
import type { Connection } from '../session/connection.ts'
import type { ServerAddress } from '../model/address.ts'
import { column } from '../session/server.ts'
import { beginInventory, countRows, exportSnapshot, inventoryQuery } from '../statements/inventory-sql.ts'
import type { InventoryScope } from '../statements/inventory-sql.ts'

export interface Inventory {
  /** Rows by `"schema"."table"`, without computed tables; for a table partitioned by hash, all partitions together. */
  readonly rows: Readonly<Record<string, number>>
  /** The last value by `"schema"."sequence"`; null for an unused one. */
  readonly sequences: Readonly<Record<string, string | null>>
  /** Counts by kind. */
  readonly objects: Readonly<Record<string, number>>
}

export interface InventoryLogin {
  readonly address: ServerAddress
  readonly database: string
  readonly username: string
  readonly password: string
}

export interface InventoryOptions {
  readonly scope: InventoryScope
  /** Milliseconds that one statement may take. */
  readonly statementTimeout: number
}

export interface Reading {
  readonly inventory: Inventory
  /** The name of the snapshot that it was taken in, which lasts until the work has ended (`pg_dump --snapshot`). */
  readonly snapshot: string
  /** The present values of sequences: no snapshot covers them. */
  sequences(): Promise<Inventory['sequences']>
}

/** Throws PostgresError, and what `work` throws. */
export async function withInventory<T>(
  login: InventoryLogin,
  { scope, statementTimeout }: InventoryOptions,
  signal: AbortSignal,
  work: (reading: Reading) => Promise<T>,
): Promise<T> {
  const connection = await open({ ...login, applicationName: 'tenantry-dump' }, signal)
  const run = (text: string) => connection.run({ text, statementTimeout }, signal)
  try {
    for (const text of beginInventory(statementTimeout)) await run(text)
    const [row] = await run(exportSnapshot)
    return await work({
      inventory: await read(run, scope),
      snapshot: z.string().parse(column(row, 'snapshot')),
      sequences: async () => sequencesIn(await look(run, scope)),
    })
  } finally {
    await connection.close()
  }
}

type Run = (text: string) => ReturnType<Connection['run']>

const name = z.string()
const counts = z.record(z.string(), z.number())
const found = z.object({
  tables: z.array(z.tuple([name, name, z.tuple([name, name]).nullable()])),
  sequences: z.array(z.tuple([name, name, z.string().nullable()])),
  relations: counts,
  objects: counts,
})

async function look(run: Run, scope: InventoryScope): Promise<z.infer<typeof found>> {
  const [row] = await run(inventoryQuery(scope))
  return found.parse(column(row, 'inventory'))
}

function sequencesIn({ sequences }: z.infer<typeof found>): Inventory['sequences'] {
  return Object.fromEntries(sequences.map(([schema, each, value]) => [display(schema, each), value]))
}

async function read(run: Run, scope: InventoryScope): Promise<Inventory> {
  const seen = await look(run, scope)
  const { tables, relations, objects } = seen
  const rows = new Map<string, number>()
  for (const [schema, table, spreadOver] of tables) {
    const [counted] = await run(countRows(schema, table))
    const key = display(...(spreadOver ?? [schema, table]))
    rows.set(key, (rows.get(key) ?? 0) + z.coerce.number().parse(column(counted, 'rows')))
  }
  return {
    rows: Object.fromEntries(rows),
    sequences: sequencesIn(seen),
    objects: { ...objects, ...byKind(relations) },
  }
}

function display(...names: readonly string[]): string {
  return names.map((each) => `"${each.replaceAll('"', '""')}"`).join('.')
}

/** The letters of `pg_class.relkind`. */
function byKind(relations: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(relations).map(([kind, n]) => [`relations ${kind}`, n]))
}
