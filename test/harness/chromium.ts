import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import type { Progress } from './binaries.ts'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * The path of a Chromium: TENANTRY_TEST_CHROMIUM, or an installed one; on Debian, as root, it is installed.
 * @throws Error with the way out.
 */
export async function chromium(progress: Progress): Promise<string> {
  const named = process.env['TENANTRY_TEST_CHROMIUM']
  if (named) return named
  const found = await installed()
  if (found) return found
  if (userInfo().uid === 0 && (await exists('/usr/bin/apt-get'))) {
    progress('installing Chromium with apt-get, for the browser tests')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const run = promisify(execFile)
    await run('apt-get', ['update', '-q'], { env, maxBuffer: 64 * 1024 * 1024 })
    await run('apt-get', ['install', '-y', '-q', 'chromium'], { env, maxBuffer: 64 * 1024 * 1024 })
    const installedNow = await installed()
    if (installedNow) return installedNow
  }
  throw new Error('The browser tests need Chromium: install it, or name one with TENANTRY_TEST_CHROMIUM.')
}

async function installed(): Promise<string | undefined> {
  for (const path of places) if (await exists(path)) return path
  return undefined
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
