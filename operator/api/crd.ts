/** Builds the CustomResourceDefinition of a kind. */
import type { Column, KindDefinition } from './kind.ts'
import { definitionName, group, version } from './names.ts'
import { innerDefaults, structural } from './structural.ts'
import type { Structural } from './structural.ts'
import type { Rule } from './cel-rule.ts'

interface PrinterColumn {
  readonly name: string
  readonly type: Column['type']
  readonly description: string
  readonly jsonPath: string
  readonly priority?: 1
}

interface RootSchema {
  readonly type: 'object'
  readonly description: string
  readonly required?: readonly string[]
  readonly properties: {
    readonly apiVersion: { readonly type: 'string'; readonly description: string }
    readonly kind: { readonly type: 'string'; readonly description: string }
    readonly metadata: { readonly type: 'object' }
    readonly spec: Structural
    readonly status: Structural
  }
  readonly 'x-kubernetes-validations'?: readonly Rule[]
}

/** `apiextensions.k8s.io/v1`, as far as Tenantry's CRDs use it. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: {
    readonly group: string
    readonly scope: 'Namespaced' | 'Cluster'
    readonly names: {
      readonly kind: string
      readonly listKind: string
      readonly plural: string
      readonly singular: string
      readonly shortNames: readonly string[]
      readonly categories: readonly string[]
    }
    readonly versions: readonly [
      {
        readonly name: string
        readonly served: true
        readonly storage: true
        readonly subresources: { readonly status: Record<string, never> }
        readonly additionalPrinterColumns: readonly PrinterColumn[]
        readonly schema: { readonly openAPIV3Schema: RootSchema }
      },
    ]
  }
}

/** @throws SchemaError where a schema cannot be written as a structural one. */
export function customResourceDefinition(definition: KindDefinition): CustomResourceDefinition {
  const { kind, plural, namespaced } = definition.resource
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: definitionName(plural), labels: { 'app.kubernetes.io/part-of': 'tenantry' } },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: definition.singular,
        shortNames: [definition.shortName],
        categories: ['tenantry'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: definition.columns.map(printerColumn),
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  }
}

function rootSchema({ description, resource, rules, spec, status }: KindDefinition): RootSchema {
  const specSchema = structural(spec, 'spec')
  const allDefaults = (specSchema.required ?? []).length === 0
  return {
    type: 'object',
    description,
    ...(allDefaults ? {} : { required: ['spec'] }),
    properties: {
      apiVersion: { type: 'string', description: `${resource.apiVersion}.` },
      kind: { type: 'string', description: `${resource.kind}.` },
      metadata: { type: 'object' },
      // Without a default, a server-side apply of an empty spec ends as null, which is refused.
      spec: allDefaults ? { ...specSchema, default: innerDefaults(specSchema.properties) } : specSchema,
      // kstatus: an object that the operator has not looked at yet is in progress, not current.
      status: { ...structural(status, 'status'), default: { observedGeneration: -1 } },
    },
    ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }),
  }
}

function printerColumn({ name, type, description, path, wide }: Column): PrinterColumn {
  return { name, type, description, jsonPath: path, ...(wide === true ? { priority: 1 } : {}) }
}
