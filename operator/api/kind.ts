/** The definition of one of Tenantry's kinds. The CRD, the TypeScript types and the reference page all come from it. */
import type { z } from 'zod'
import type { KubeObject, Resource } from '../kube/port.ts'
import type { Condition } from './conditions.ts'
import { apiVersion } from './names.ts'
import type { Rule } from './cel-rule.ts'

/** Makes every property and every list of `T` readonly, all the way down. */
export type Frozen<T> = T extends string | number | boolean | undefined | null
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : { readonly [Key in keyof T]: Frozen<T[Key]> }

/** The type of a spec as the apiserver returns it: defaults filled in, frozen. */
export type SpecOf<Schema extends z.ZodType> = Frozen<z.output<Schema>>

/** The type of a status. observedGeneration is -1 until the operator has looked at the object for the first time. */
export type StatusOf<Schema extends z.ZodType> = Omit<Frozen<z.output<Schema>>, 'conditions'> & {
  readonly conditions?: readonly Condition[]
}

/** A column of `kubectl get`; `wide` ones are shown by `-o wide` only (priority 1). */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date'
  /** A JSON path, e.g. `.spec.cloudId`. */
  readonly path: string
  readonly description: string
  readonly wide?: true
}

export interface KindDefinition<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>
  readonly singular: string
  readonly shortName: string
  readonly description: string
  readonly columns: readonly Column[]
  readonly spec: z.ZodObject
  readonly status: z.ZodObject
  /** Rules that need both `spec` and `metadata.name`; they stand at the root of the object. */
  readonly rules: readonly Rule[]
}

/** The constant by which one of Tenantry's kinds is read and written. */
export function ownResource<T extends KubeObject>(kind: string, plural: string, namespaced: boolean): Resource<T> {
  return Object.freeze({ apiVersion, kind, plural, namespaced })
}
