/** Dumps in a folder, a mounted volume for instance: whole or absent, also after a crash of the machine. */
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { digestOf, fileError } from './file.ts'
import type { DumpTarget } from './port.ts'
import { formatRecord, manifestPath, parseRecord } from './record.ts'
import type { DumpRecord } from './record.ts'

/** In the same file system, so that only a rename is left to do. */
const unfinished = '.unfinished'

export function createVolumeTarget(root: string): DumpTarget {
  return {
    workFolder: () => attempt(() => made(join(root, unfinished))),
    find: (path, signal) => attempt(() => find(join(root, path), signal)),
    isThere: (path) => attempt(() => isThere(join(root, path))),
    keep: (file, record, path, signal) =>
      attempt(async () => {
        signal.throwIfAborted()
        await keep(file, record, join(root, path))
      }),
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error
    throw fileError(error)
  }
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

async function find(path: string, signal: AbortSignal): Promise<DumpRecord | undefined> {
  const record = await recordOf(path)
  if (record === undefined) return undefined
  const seen = await ifThere(digestOf(path, signal))
  return seen?.bytes === record.bytes && seen.sha256 === record.sha256 ? record : undefined
}

async function isThere(path: string): Promise<boolean> {
  const record = await recordOf(path)
  const seen = record && (await ifThere(stat(path)))
  return seen !== undefined && seen.size === record?.bytes
}

async function recordOf(path: string): Promise<DumpRecord | undefined> {
  return parseRecord((await ifThere(readFile(manifestPath(path), 'utf8'))) ?? '')
}

async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** An old manifest goes first: it must never stand beside another dump than its own. */
async function keep(file: string, record: DumpRecord, path: string): Promise<void> {
  const folder = await made(dirname(path))
  await rm(manifestPath(path), { force: true })
  await chmod(file, 0o600)
  await flushed(file)
  await rename(file, path)
  const manifest = `${file}.json`
  await writeFlushed(manifest, formatRecord(record))
  await rename(manifest, manifestPath(path))
  await flushed(folder)
}

async function writeFlushed(path: string, text: string): Promise<void> {
  await using handle = await open(path, 'w', 0o600)
  await handle.writeFile(text)
  await handle.sync()
}

async function flushed(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}
