/** Data of tenants: each writes a row with its own login, which has to be there as long as the tenant's data is. */
import { randomUUID } from 'node:crypto'
import type { Stored } from '../../harness/api.ts'
import type { Credentials } from '../../harness/invariants.ts'
import { keysOf } from './doors.ts'
import type { Note } from './memory.ts'
import type { Scene } from './scene.ts'
import { adoptedBy, isMade, living, titleOf } from './view.ts'
import type { View } from './view.ts'

/** What is lost, or read by somebody else; whoever has no row writes one. */
export async function lostNotes(scene: Scene, view: View): Promise<readonly string[]> {
  const { memory } = scene
  const found: string[] = []
  for (const tenant of living(view).filter(isMade)) {
    inherit(tenant, memory.notes)
    const note = memory.notes.get(tenant.metadata.uid)
    if (note !== undefined && !(await isThere(scene, note))) found.push(`The data of ${titleOf(tenant)} is lost.`)
  }
  // Of one that was to be purged before, nothing has to be left.
  const must = (uid: string) => memory.mustKeep.has(uid) && !memory.mayPurge.has(uid)
  const gone = view.facts.kept?.filter((uid) => must(uid) && isGone(uid, view)) ?? []
  for (const uid of gone) {
    const note = memory.notes.get(uid)
    if (note !== undefined && !(await isThere(scene, note)))
      found.push(`The data of ${memory.declared.get(uid)} (${uid}), which was retained, is lost.`)
  }
  return [...found, ...(await peeks(scene, view))]
}

/** Called when all is well. */
export async function writeNotes(scene: Scene, view: View): Promise<void> {
  const { notes } = scene.memory
  for (const { tenant, key, on } of keysOf(view)) {
    if (on && !notes.has(tenant.metadata.uid)) notes.set(tenant.metadata.uid, await write(scene, key))
  }
}

async function write({ world }: Scene, { database, username, password }: Credentials): Promise<Note> {
  const text = randomUUID()
  await using session = await world.postgres.connect({ database, user: username, password })
  await session.query('CREATE TABLE IF NOT EXISTS notes (text text)')
  await session.query('INSERT INTO notes VALUES ($1)', [text])
  const { rows } = await session.query<{ schema: string }>(`SELECT 'notes'::regclass::oid,
    (SELECT nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid WHERE c.oid = 'notes'::regclass) AS schema`)
  return { text, database, schema: rows[0]?.schema ?? '' }
}

function isGone(uid: string, { facts }: View): boolean {
  return !facts.tenants.some(({ metadata }) => metadata.uid === uid)
}

/** With what it takes over a tenant gets the data. */
function inherit(tenant: Stored, notes: Map<string, Note>): void {
  for (const uid of adoptedBy(tenant)) {
    const note = notes.get(uid)
    if (note === undefined) continue
    notes.delete(uid)
    notes.set(tenant.metadata.uid, note)
  }
}

async function isThere({ world }: Scene, { text, database, schema }: Note): Promise<boolean> {
  try {
    const rows = await world.postgres.query(`SELECT 1 FROM "${schema}".notes WHERE text = $1`, [text], database)
    return rows.length === 1
  } catch {
    return false
  }
}

/** In a shared database no tenant reads another one's row. */
async function peeks({ world, memory }: Scene, view: View): Promise<readonly string[]> {
  const found: string[] = []
  for (const { tenant, key, on } of keysOf(view)) {
    const others = [...memory.notes].filter(
      ([uid, { database }]) => uid !== tenant.metadata.uid && database === key.database,
    )
    if (!on || others.length === 0) continue
    await using session = await world.postgres.connect({ ...key, user: key.username })
    for (const [, { schema }] of others) {
      const read = await session.query(`SELECT text FROM "${schema}".notes`).then(
        () => true,
        () => false,
      )
      if (read) found.push(`${titleOf(tenant)} reads the data in ${schema}.`)
    }
  }
  return found
}
