/** Reads what blocks a tenant's dump or its restore, as the dumping login sees it: names, never rows. */
import { z } from 'zod'

import { open } from '../session/connection.ts'
import type { InventoryLogin } from './inventory.ts'
import { column } from '../session/server.ts'
import { dumpBlockersQuery, namesQuery } from '../statements/dump-blockers-sql.ts'
import type { InventoryScope } from '../statements/inventory-sql.ts'

const owned = z.object({ name: z.string(), owner: z.string() })
const relation = owned.extend({ schema: z.string(), kind: z.string() })
const found = z.object({
  schemas: z.array(owned),
  relations: z.array(relation),
  hiding: z.array(relation),
  largeObjects: z.array(owned),
  extensions: z.array(z.object({ name: z.string() })),
})

export type DumpBlockers = Readonly<z.infer<typeof found>>
export type Relation = Readonly<z.infer<typeof relation>>

export interface Look {
  readonly scope: InventoryScope
  /** How many of each kind are reported. */
  readonly most: number
  /** Texts of an error: the report also says which of them are names. */
  readonly texts: readonly string[]
}

/** Throws PostgresError. */
export async function lookForDumpBlockers(
  login: InventoryLogin,
  { scope, most, texts }: Look,
  signal: AbortSignal,
): Promise<{ readonly blockers: DumpBlockers; readonly names: ReadonlySet<string> }> {
  const connection = await open({ ...login, applicationName: 'tenantry-dump' }, signal)
  try {
    const [row] = await connection.run({ text: dumpBlockersQuery(scope, most) }, signal)
    const names = texts.length === 0 ? [] : await connection.run({ text: namesQuery(texts) }, signal)
    return {
      blockers: found.parse(column(row, 'blockers')),
      names: new Set(names.map((each) => z.string().parse(column(each, 'name')))),
    }
  } finally {
    await connection.close()
  }
}
