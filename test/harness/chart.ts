/** The chart's objects as the tests and the demo apply them: those of manifests/install.yaml, in another namespace. */
import { readFile } from 'node:fs/promises'
import { parse, parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../operator/kube/port.ts'

const manifest = new URL('../../manifests/install.yaml', import.meta.url)
const installNamespace = 'tenantry-system'

export interface ChartOptions {
  /** The operator's namespace. */
  readonly namespace: string
  /** Further ClusterRoles that plans may offer, as in the value settings.bindableRoles. */
  readonly bindableRoles?: readonly string[]
}

/** The name of the operator's ServiceAccount, and what the names of the chart's objects begin with. */
export const chartName = 'tenantry'

/** The ServiceAccount that the chart makes for the operator. */
export const operatorAccount = (namespace: string) => ({ namespace, name: chartName })

/** The one for the pages. */
export const webAccount = (namespace: string) => ({ namespace, name: `${chartName}-web` })

/** The namespace of the Secrets of the pages. */
export const webNamespaceOf = (namespace: string) => `${namespace}-web`

/**
 * All that the chart installs but for the Deployment and the Services before it, which tests run as a process. In the
 * order of application: the namespace first, then CRDs, then the rest.
 */
export async function chartObjects({ namespace, bindableRoles = [] }: ChartOptions): Promise<readonly KubeObject[]> {
  const text = await readFile(manifest, 'utf8')
  const objects = parsed(text.replaceAll(installNamespace, namespace))
  return objects
    .filter(({ kind }) => kind !== 'Deployment' && kind !== 'Service')
    .map((object) => (isBinder(object) ? withBindable(object, bindableRoles) : object))
    .toSorted((one, other) => rank(one) - rank(other))
}

interface DefaultPlan {
  readonly quota: Readonly<Record<string, string>>
  readonly database: { readonly parameters: Readonly<Record<string, string>> }
}

/** What the chart's default plan gives. */
export async function defaultPlanSpec(): Promise<DefaultPlan> {
  const text = await readFile(new URL('../../charts/tenantry/values.yaml', import.meta.url), 'utf8')
  const values = parse(text) as { readonly defaultPlan: { readonly spec: DefaultPlan } } // our own file
  return values.defaultPlan.spec
}

/** The objects of a YAML stream. @throws Error for a document that is none. */
export function parsed(text: string): KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => plain(document))
    .filter((value) => value !== null)
    .map((value) => {
      if (!isObject(value)) throw new TypeError(`no Kubernetes object: ${JSON.stringify(value).slice(0, 200)}`)
      return value
    })
}

function plain(document: { toJS(): unknown }): unknown {
  return document.toJS()
}

function isObject(value: unknown): value is KubeObject {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value && 'metadata' in value
}

function rank({ kind }: KubeObject): number {
  const place = ['Namespace', 'CustomResourceDefinition'].indexOf(kind)
  return place === -1 ? 2 : place
}

interface Binder extends KubeObject {
  readonly rules: readonly { readonly verbs: readonly string[]; readonly resourceNames?: readonly string[] }[]
}

function isBinder(object: KubeObject): object is Binder {
  return object.kind === 'ClusterRole' && object.metadata.name === `${chartName}-operator` && 'rules' in object
}

function withBindable(role: Binder, names: readonly string[]): KubeObject {
  const rules = role.rules.map((rule) =>
    rule.verbs.includes('bind') ? { ...rule, resourceNames: [...(rule.resourceNames ?? []), ...names] } : rule,
  )
  const widened: Binder = { ...role, rules }
  return widened
}
