/**
 * Each rule that .oxlintrc.json names as an error has a file that breaks it, named `<plugin>.<rule>.ts`, because a rule
 * whose name is misspelt, or that lost its type information, is silent.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { oxlintCanaryFolder } from './source-paths.ts'

const rules = z.record(z.string(), z.unknown())
const configuration = z.looseObject({ rules, overrides: z.array(z.looseObject({ rules })) })
const report = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) })

type Configuration = z.output<typeof configuration>

/** What is wrong with oxlint's configuration at `root`: a rule without a canary, or one that misses it. */
export async function oxlintCanaryProblems(root: string): Promise<string[]> {
  const config = configuration.parse(JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8')))
  const names = await readdir(join(root, oxlintCanaryFolder), { recursive: true })
  const found = await diagnose(root, config)
  return namedRules(config).flatMap((rule) => {
    const file = names.find((name) => name.endsWith(`${rule.replace('/', '.')}.ts`))
    if (file === undefined) return [`the lint rule ${rule} has no canary in ${oxlintCanaryFolder}`]
    return found.has(`${rule} ${file}`) ? [] : [`the lint rule ${rule} misses its canary ${oxlintCanaryFolder}/${file}`]
  })
}

function namedRules(config: Configuration): string[] {
  const all = [config.rules, ...config.overrides.map((override) => override.rules)].flatMap((each) =>
    Object.entries(each),
  )
  return all.filter(([, level]) => (Array.isArray(level) ? level[0] : level) === 'error').map(([name]) => name)
}

/** `<plugin>/<rule> <file>` of all that is found in the canaries, by the same configuration with nothing ignored. */
async function diagnose(root: string, config: Configuration): Promise<ReadonlySet<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-oxlint-'))
  try {
    const path = join(folder, 'oxlintrc.json')
    await writeFile(path, JSON.stringify({ ...config, ignorePatterns: [] }))
    const args = ['--config', path, '--format', 'json', oxlintCanaryFolder]
    const { diagnostics } = report.parse(JSON.parse(await oxlint(root, args)))
    return new Set(
      diagnostics.map(({ code, filename }) => `${ruleOf(code)} ${filename.slice(oxlintCanaryFolder.length + 1)}`),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** `typescript(no-explicit-any)` → `typescript/no-explicit-any`. */
function ruleOf(code: string): string {
  return code.replace('(', '/').replace(')', '')
}

/** It ends with 1 as it finds something, which is what it is here for. */
async function oxlint(root: string, args: readonly string[]): Promise<string> {
  const run = promisify(execFile)(join(root, 'node_modules/.bin/oxlint'), [...args], { cwd: root })
  const { stdout } = await run.catch((failure: unknown) => z.object({ stdout: z.string() }).parse(failure))
  return stdout
}
