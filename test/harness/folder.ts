import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder, releaseFolder } from './guard.ts'

export interface TemporaryFolder {
  readonly path: string
  remove(): Promise<void>
}

/** A new folder below the system's temporary one, which is removed when this process ends, whatever its end was. */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `tenantry-${name}-`))
  guardFolder(path)
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
      releaseFolder(path)
    },
  }
}
