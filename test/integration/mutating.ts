/** Fields that the operator has written, by the apiserver's own record, and policies that make something else of them. */
import type { Stored } from '../harness/api.ts'
import { conditionFor, inForce, isProbe, rulesOf } from './refusing.ts'
import type { Scene } from './tenant-scene.ts'

export type Path = readonly string[]

type Tree = Readonly<Record<string, unknown>>

interface Managed {
  readonly managedFields?: readonly {
    readonly manager?: string
    readonly subresource?: string
    readonly fieldsV1?: Tree
  }[]
}

/** Each field of the object that the operator wrote last; what is written as a whole is one. */
export function writtenFields({ metadata }: Stored): readonly Path[] {
  const { managedFields = [] } = metadata as Managed
  const own = managedFields.filter(({ manager, subresource }) => manager === 'tenantry' && subresource === undefined)
  return own.flatMap(({ fieldsV1 = {} }) => leaves(fieldsV1, []))
}

function leaves(tree: Tree, path: Path): readonly Path[] {
  const steps = Object.entries(tree).filter(([step]) => step.startsWith('f:'))
  if (steps.length === 0) return [path]
  return steps.flatMap(([step, inner]) => leaves(inner as Tree, [...path, step.slice(2)]))
}

export function valueAt(object: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Tree | undefined)?.[step], object)
}

export interface Mutation {
  readonly kind: string
  readonly name: string
  /** As in a URL: group and version, and the plural. */
  readonly group: string
  readonly resource: string
  /** Of the tenant; that of the Namespace itself is its name. */
  readonly namespace: string
  readonly changes: readonly Change[]
}

export interface Change {
  readonly path: Path
  /** JSON. */
  readonly value: unknown
}

const admission = '/apis/admissionregistration.k8s.io/v1'

/** Lets the apiserver change those fields in each write of that one object, from now on; gives back how to end it. */
export function mutate(scene: Scene, id: string, { changes, ...meant }: Mutation): Promise<() => Promise<void>> {
  return mutateBy(scene, id, meant, `[${changes.map(patchOf).join(', ')}]`)
}

/** The same by patches in CEL, which may fail. */
export async function mutateBy(
  { api }: Scene,
  id: string,
  meant: Omit<Mutation, 'changes'>,
  patches: string,
): Promise<() => Promise<void>> {
  const of = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: id } }
  const seen = `[${patchOf({ path: ['data'], value: { seen: 'yes' } })}]`
  await api.send('POST', `${admission}/mutatingadmissionpolicies`, {
    ...of,
    kind: 'MutatingAdmissionPolicy',
    spec: {
      matchConstraints: { resourceRules: rulesOf({ ...meant, operations: ['CREATE', 'UPDATE'] }) },
      matchConditions: [conditionFor(id, meant, meant.name)],
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `${isProbe(id)} ? ${seen} : ${patches}` } }],
    },
  })
  await api.send('POST', `${admission}/mutatingadmissionpolicybindings`, {
    ...of,
    kind: 'MutatingAdmissionPolicyBinding',
    spec: { policyName: id },
  })
  await inForce(api, id, async (probe) => {
    const { data } = (await probe()) as { readonly data?: unknown } // a ConfigMap
    return data !== undefined
  })
  return async () => {
    await api.send('DELETE', `${admission}/mutatingadmissionpolicybindings/${id}`)
    await api.send('DELETE', `${admission}/mutatingadmissionpolicies/${id}`)
  }
}

function patchOf({ path, value }: Change): string {
  const pointer = `/${path.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
  return `JSONPatch{op: "add", path: ${JSON.stringify(pointer)}, value: ${cel(value)}}`
}

/** JSON as a CEL literal, in which lists and maps have values of one type: `dyn`. */
function cel(value: unknown): string {
  const inner = (each: unknown) => `dyn(${cel(each)})`
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${inner(each)}`)
  return `{${entries.join(', ')}}`
}
