import { readdir } from 'node:fs/promises'

const folders = ['operator', 'test', 'bench', 'scripts']

/** Where files lie that break rules on purpose. */
export const oxlintCanaryFolder = 'scripts/lint/oxlint-canaries'

/** All TypeScript files of ours below `root`, sorted, with slashes; the deliberate breakers aside. */
export async function sourcePaths(root: string): Promise<string[]> {
  const lists = await Promise.all(folders.map((folder) => typescriptIn(root, folder)))
  return lists
    .flat()
    .filter((path) => !path.startsWith(`${oxlintCanaryFolder}/`))
    .toSorted()
}

async function typescriptIn(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(`${root}/${folder}`, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => `${entry.parentPath.slice(root.length + 1)}/${entry.name}`)
}
