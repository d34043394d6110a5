import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Progress } from './binaries.ts'
import { cacheFolder } from './go-build.ts'
import { guardFolder, releaseFolder } from './guard.ts'
import { withLock } from './lock.ts'

export interface ScriptBuild {
  /** How the folder in the cache begins. */
  readonly name: string
  /** A shell script that fills the folder which its argument names. */
  readonly script: string
  /** What is reported while it runs. */
  readonly doing: string
  /** The sentence for a failure: what the script needs, and the way out. */
  readonly hint: string
}

/** The folder in the cache that the script has filled; it runs first where the folder is missing. @throws Error with the hint. */
export async function ensureScripted({ name, script, doing, hint }: ScriptBuild, progress: Progress): Promise<string> {
  const hash = createHash('sha256')
    .update(process.arch)
    .update(await readFile(script))
  const folder = join(cacheFolder(), `${name}-${hash.digest('hex').slice(0, 12)}`)
  const done = join(folder, 'done')
  if (existsSync(done)) return done
  await mkdir(folder, { recursive: true })
  await withLock(join(folder, 'lock'), progress, async () => {
    if (existsSync(done)) return
    progress(doing)
    await fill(folder, done, script).catch((cause: unknown) => {
      throw new Error(hint, { cause })
    })
  })
  return done
}

/** It has its name only when it is whole. */
async function fill(folder: string, done: string, script: string): Promise<void> {
  const unfinished = join(folder, `${process.pid}.part`)
  guardFolder(unfinished)
  try {
    await promisify(execFile)('sh', [script, unfinished], { maxBuffer: 64 * 1024 * 1024 })
    await rename(unfinished, done)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
    releaseFolder(unfinished)
  }
}
