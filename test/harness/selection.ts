import { glob, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'

/** The folders of test/ in the order in which they run; all but the first need servers. */
export const suites = ['unit', 'integration', 'faults', 'browser'] as const

export type Suite = (typeof suites)[number]

/**
 * The test files of each suite: all, or those that the arguments name as files or folders.
 * @throws Error for an argument that names no test file.
 */
export async function select(root: string, args: readonly string[]): Promise<Map<Suite, string[]>> {
  const chosen = args.length === 0 ? await filesBelow(root, 'test') : await named(root, args)
  const suiteOf = (file: string): string | undefined => file.split('/')[1]
  return new Map(suites.map((suite) => [suite, chosen.filter((file) => suiteOf(file) === suite).toSorted()]))
}

async function named(root: string, args: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const arg of args) {
    const path = relative(root, resolve(root, arg)).split(sep).join('/')
    const files = await filesBelow(root, path)
    if (files.length === 0) throw new Error(`${arg} is no test file (*.test.ts below test/) and no folder with one.`)
    for (const file of files) found.add(file)
  }
  return [...found]
}

async function filesBelow(root: string, path: string): Promise<string[]> {
  const entry = await stat(join(root, path)).catch(() => undefined)
  if (entry?.isFile()) return /^test\/.*\.test\.ts$/.test(path) ? [path] : []
  const files: string[] = []
  for await (const file of glob(`${path}/**/*.test.ts`, { cwd: root })) files.push(file.split(sep).join('/'))
  return files
}
