/** A dump as a file: its size and digest, and whether there is space for one. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

import { DumpError } from './port.ts'

/** Throws the file's own error. */
export async function digestOf(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(
    createReadStream(path),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        bytes += chunk.byteLength
        hash.update(chunk)
      }
    },
    { signal },
  )
  return { bytes, sha256: hash.digest('hex') }
}

/** The status of a program that could not write does not say so: checks whether a mebibyte still fits beside `path`. */
export async function assertRoom(path: string): Promise<void> {
  const probe = `${path}.room`
  try {
    await writeFile(probe, Buffer.alloc(1_048_576), { mode: 0o600 })
  } catch (error) {
    throw fileError(error)
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
}

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What an error of the file system means for a dump. */
export function fileError(error: unknown): DumpError {
  if (error instanceof DumpError) return error
  const code = codeOf(error)
  if (code !== undefined && full.has(code))
    return new DumpError('TargetFull', `There is no room for the dump: ${code}.`, error)
  return new DumpError('TargetRefused', `The folder for dumps cannot be used: ${code ?? 'unknown error'}.`, error)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
