/** Holds every source file to the architecture's rules, and every rule to its canaries. */
import { readFile } from 'node:fs/promises'
import { canaries } from './canaries.ts'
import type { Canary } from './canaries.ts'
import { folderRules } from './folders.ts'
import { layerRules } from './layers.ts'
import { purityRules } from './purity.ts'
import type { Problem, Rule } from './rule.ts'
import { shapeRules } from './shape.ts'
import { readSource } from './source-file.ts'
import type { SourceTree } from './source-file.ts'
import { sourcePaths } from './source-paths.ts'

export const architectureRules: readonly Rule[] = [...purityRules, ...folderRules, ...layerRules, ...shapeRules]

/** Every breach of a rule in the repository at `root`, one sentence each; none when all is well. */
export async function architectureProblems(root: string): Promise<string[]> {
  const tree = await readTree(root)
  const sentences = architectureRules.flatMap((rule) => breaches(rule, tree).map((problem) => sentence(rule, problem)))
  return [...new Set(sentences)]
}

/** What is wrong with the rules themselves: a canary that a rule judges wrongly, a rule without one. */
export function canaryProblems(rules: readonly Rule[] = architectureRules): string[] {
  const unwatched = rules.filter(({ name }) => !canaries.some((canary) => canary.rule === name && canary.caught))
  return [
    ...unwatched.map(({ name }) => `the rule ${name} has no canary that it must catch`),
    ...canaries.flatMap((canary) => misjudged(canary, rules)),
  ]
}

function misjudged(canary: Canary, rules: readonly Rule[]): string[] {
  const rule = rules.find(({ name }) => name === canary.rule)
  if (rule === undefined) return [`a canary names the rule ${canary.rule}, which does not exist`]
  const tree = new Map(Object.entries(canary.files).map(([path, source]) => [path, readSource(path, source)]))
  const [first] = tree.values()
  const isCaught = first !== undefined && rule.check(first, tree).length > 0
  if (isCaught === canary.caught) return []
  return [`${rule.name} ${isCaught ? 'refuses what it should let pass' : 'misses'}: ${JSON.stringify(canary.files)}`]
}

function breaches(rule: Rule, tree: SourceTree): Problem[] {
  return [...tree.values()].flatMap((file) => rule.check(file, tree))
}

function sentence(rule: Rule, { path, line, message }: Problem): string {
  return `${path}:${line}: ${message} [${rule.name}: ${rule.because}]`
}

async function readTree(root: string): Promise<SourceTree> {
  const paths = await sourcePaths(root)
  const files = await Promise.all(
    paths.map(async (path) => [path, readSource(path, await readFile(`${root}/${path}`, 'utf8'))] as const),
  )
  return new Map(files)
}
