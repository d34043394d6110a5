/**
 * Writes what is generated of the chart: the templates of the CRDs and of the admission policies, values.schema.json, the
 * table in the chart's README, manifests/install.yaml, and docs/reference/web-rights.md. With `--check` it writes nothing, names what differs and ends
 * with 1; then it needs no Helm, and test/integration/chart.test.ts compares install.yaml with a rendering.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { customResourceDefinition } from '../operator/api/crd.ts'
import { kinds } from '../operator/api/kinds.ts'
import { admissionPolicyManifests } from '../operator/api/policies/policies.ts'
import { installManifest, isInStep } from './chart/install-manifest.ts'
import { withValuesTable } from './chart/readme.ts'
import { rightsPage } from './chart/rights-page.ts'
import { helmTemplate } from './chart/template.ts'
import { chartValues } from './chart/values-comments.ts'
import { valuesSchema } from './chart/values-schema.ts'

const root = join(import.meta.dirname, '..')
const chart = 'charts/tenantry'
const manifest = 'manifests/install.yaml'

const placeholders = {
  prefix: 'placeholder-of-the-prefix',
  operatorNamespace: 'placeholder-of-the-namespace',
  operatorServiceAccount: 'placeholder-of-the-service-account',
  webNamespace: 'placeholder-of-the-web-namespace',
  userPrefix: 'placeholder-of-the-user-prefix',
  masqueradeLimit: 'placeholder-of-the-masquerade-limit',
}

const expressions = {
  [placeholders.prefix]: 'include "tenantry.fullname" .',
  [placeholders.operatorNamespace]: '.Release.Namespace',
  [placeholders.operatorServiceAccount]: 'include "tenantry.fullname" .',
  [placeholders.webNamespace]: 'include "tenantry.webNamespace" .',
  [placeholders.userPrefix]: '.Values.settings.userPrefix',
  [placeholders.masqueradeLimit]: '.Values.settings.masqueradeLimit',
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(join(root, path), 'utf8').catch(() => undefined)
}

async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  const values = chartValues((await textOf(`${chart}/values.yaml`)) ?? '')
  const crds = kinds.map((kind) => customResourceDefinition(kind))
  return {
    [`${chart}/templates/crds.yaml`]: helmTemplate(
      crds,
      '.Values.crds.enabled',
      {},
      { 'helm.sh/resource-policy': 'keep' },
    ),
    [`${chart}/templates/admission-policies.yaml`]: helmTemplate(
      admissionPolicyManifests(placeholders),
      '.Values.admissionPolicies.enabled',
      expressions,
    ),
    [`${chart}/values.schema.json`]: `${JSON.stringify(valuesSchema(values), null, 2)}\n`,
    [`${chart}/README.md`]: withValuesTable((await textOf(`${chart}/README.md`)) ?? '', values),
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
  console.log(`wrote ${path}`)
}

/** What follows from the manifest comes after it. */
async function rightsFile(): Promise<readonly [string, string]> {
  return ['docs/reference/web-rights.md', rightsPage((await textOf(manifest)) ?? '')]
}

const files = Object.entries(await generatedFiles())
const texts = await Promise.all(files.map(async ([path, text]) => ({ path, text, found: await textOf(path) })))
const stale = texts.filter(({ text, found }) => text !== found)

if (process.argv.includes('--check')) {
  const [rights, wanted] = await rightsFile()
  const inStep = await isInStep(root, await textOf(manifest))
  const old = [...(inStep ? [] : [manifest]), ...((await textOf(rights)) === wanted ? [] : [rights])]
  for (const path of [...stale.map((each) => each.path), ...old]) console.error(`${path} is not what its sources say.`)
  if (stale.length + old.length > 0) {
    console.error('Run `npm run chart` and commit what it writes.')
    process.exitCode = 1
  }
} else {
  for (const { path, text } of stale) await write(path, text)
  if (!(await isInStep(root, await textOf(manifest)))) await write(manifest, await installManifest(root))
  const [rights, wanted] = await rightsFile()
  if ((await textOf(rights)) !== wanted) await write(rights, wanted)
}
