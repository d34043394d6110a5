/** What there is of one tenant where last dumps are kept: whole dumps with their records, and what is left over. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseRecord } from '../../operator/dump/record.ts'
import type { Subject } from './end-state.ts'

/** One entry a file, in order. A record says whether it is that of the dump beside it. */
export async function dumpsOf(folder: string, { name, uid }: Subject): Promise<readonly unknown[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = all
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)) + (entry.isFile() ? '' : '/'))
    .filter((path) => path.includes(uid) || path.includes(`/${name}/`))
    .toSorted()
  return Promise.all(paths.map(async (path) => (path.endsWith('.json') ? recordAt(folder, path) : { path })))
}

async function recordAt(folder: string, path: string): Promise<unknown> {
  const record = parseRecord(await readFile(join(folder, path), 'utf8'))
  if (record === undefined) return { path, record: 'not readable' }
  const dump = await readFile(join(folder, path.slice(0, -'.json'.length))).catch(() => Buffer.alloc(0))
  const digest = createHash('sha256').update(dump).digest('hex')
  const { bytes, sha256, ...rest } = record
  return { path, ...rest, whole: digest === sha256 && dump.byteLength === bytes }
}
