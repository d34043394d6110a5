/** The commands of a how-to, as they stand there, run as somebody at a terminal does. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'
import type { Cluster } from '../harness/cluster.ts'

/** The fenced blocks of `language` under a heading of docs/how-to/<page>.md, in order, without the indentation of a list. */
export async function blocksOf(page: string, heading: string, language = 'sh'): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../docs/how-to/${page}.md`, import.meta.url), 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`The how-to ${page} has no part ${heading}.`)
  const blocks = [...section.matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms)]
  return blocks.flatMap(([, indent = '', of, block = '']) =>
    of === language ? [block.replaceAll(new RegExp(`^${indent}`, 'gm'), '')] : [],
  )
}

/**
 * Runs a script in `folder`: kubectl is on the path and knows the cluster, and so are `programs`, by their paths.
 * @throws with what it printed, also when it has not ended after three minutes.
 */
export async function inShell(
  script: string,
  { kubectlPath, kubeconfigPath }: Pick<Cluster, 'kubectlPath' | 'kubeconfigPath'>,
  folder: string,
  programs: readonly string[] = [],
): Promise<string> {
  const path = [...[kubectlPath, ...programs].map((program) => dirname(program)), process.env['PATH'] ?? '']
  const env = { HOME: folder, PATH: path.join(delimiter), KUBECONFIG: kubeconfigPath, KUBERC: 'off' }
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env,
    timeout: 180_000,
  })
  return stdout
}
