/** Helm 4 from the module that helm/go.mod pins, built once into the cache. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Progress } from './binaries.ts'
import { ensureBuilt } from './go-build.ts'

export const chartFolder = new URL('../../charts/tenantry', import.meta.url).pathname

export interface Rendering {
  readonly namespace: string
  readonly values: object
  /** Default `tenantry`. */
  readonly release?: string
  /** API versions that the cluster is said to have, such as `tenantry.dev/v1alpha1/TenantPlan`. */
  readonly apiVersions?: readonly string[]
}

/** The path of Helm, built first where it is missing (about three minutes on two cores, once). */
export async function helmBinary(progress: Progress): Promise<string> {
  const program = { name: 'helm', package: 'helm.sh/helm/v4/cmd/helm', ldflags: '' }
  const module = new URL('helm/', import.meta.url).pathname
  return join(await ensureBuilt({ module, prefix: 'helm', programs: [program] }, progress), program.name)
}

/** The chart's objects as YAML, tests aside. @throws Error in Helm's words when it refuses the chart or the values. */
export async function renderChart({
  namespace,
  values,
  release = 'tenantry',
  apiVersions = [],
}: Rendering): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-values-'))
  try {
    const file = join(folder, 'values.json')
    await writeFile(file, JSON.stringify(values))
    const known = apiVersions.flatMap((version) => ['--api-versions', version])
    return await helm([
      'template',
      release,
      chartFolder,
      '--namespace',
      namespace,
      '--values',
      file,
      '--skip-tests',
      ...known,
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs Helm and gives what it prints. @throws Error with all of Helm's words. */
export async function helm(args: readonly string[]): Promise<string> {
  const binary = await helmBinary((sentence) => console.error(sentence))
  const { stdout } = await promisify(execFile)(binary, [...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
