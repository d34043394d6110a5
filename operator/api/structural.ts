/**
 * Builds the structural schema of a CRD (apiextensions.k8s.io/v1, KEP-1693) from a zod schema. Fails on what the
 * apiserver would refuse, and on a field without description, bound or list type.
 */
import { z } from 'zod'
import { sentenceKey } from './schema-fields.ts'
import { assertExpressible, SchemaError } from './zodcheck.ts'
import type { Rule } from './cel-rule.ts'

/** The part of JSON Schema that Tenantry's CRDs are made of. */
export interface Structural {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Structural>>
  readonly items?: Structural
  readonly additionalProperties?: Structural
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly Rule[]
}

type Json = z.core.JSONSchema.BaseSchema

const keywords: ReadonlySet<string> = new Set([
  'type',
  'description',
  'format',
  'enum',
  'default',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
  'properties',
  'items',
  'additionalProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
  sentenceKey,
])

const types = ['object', 'array', 'string', 'integer', 'boolean'] as const

/** @throws SchemaError with the field that the apiserver would refuse, or that lacks a description or a bound. */
export function structural(schema: z.ZodType, path: string): Structural {
  assertExpressible(schema, path)
  return convert(z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0' }), path)
}

function convert(node: Json, path: string): Structural {
  const fail = (problem: string): never => {
    throw new SchemaError(`${path}: ${problem}`)
  }
  for (const key of Object.keys(node)) if (!keywords.has(key)) fail(`the keyword ${key} is not one for CRDs`)
  const description = node.description ?? fail('has no description')
  const rules = [...patternRules(node, path), ...ownRules(node, path)]
  const common = { description, ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }) }
  const type = types.find((each) => each === node.type) ?? fail(`the type ${String(node.type)}`)
  const shape = { object: convertObject, array: convertArray, string: convertString, integer: convertInteger }
  const rest = type === 'boolean' ? {} : shape[type](node, path)
  return { type, ...common, ...withDefault(node, rest), ...rest }
}

/** The apiserver checks a default by the rules of its field before it fills in the defaults inside. */
function withDefault(node: Json, { properties }: Partial<Structural>): Partial<Structural> {
  if (node.default === undefined) return {}
  if (properties === undefined || typeof node.default !== 'object') return { default: node.default }
  return { default: { ...innerDefaults(properties), ...node.default } }
}

/** The object that consists of defaults only. */
export function innerDefaults(properties: Structural['properties'] = {}): object {
  const inner = Object.entries(properties).flatMap(([name, child]) => {
    return child.default === undefined ? [] : [[name, child.default] as const]
  })
  return Object.fromEntries(inner)
}

function convertObject(node: Json, path: string): Partial<Structural> {
  if (node.properties !== undefined) {
    if (node.additionalProperties !== undefined) throw new SchemaError(`${path}: properties and additionalProperties`)
    const properties = Object.entries(node.properties).map(([name, child]) => {
      return [name, convert(subschema(child, path), path === '' ? name : `${path}.${name}`)] as const
    })
    const required = node.required ?? []
    return { ...(required.length === 0 ? {} : { required }), properties: Object.fromEntries(properties) }
  }
  const { maxProperties } = node
  if (typeof maxProperties !== 'number') throw new SchemaError(`${path}: a map without maxProperties`)
  return { maxProperties, additionalProperties: convert(subschema(node.additionalProperties, path), path) }
}

function convertArray(node: Json, path: string): Partial<Structural> {
  const { maxItems, minItems } = node
  if (maxItems === undefined) throw new SchemaError(`${path}: a list without maxItems`)
  const items = convert(subschema(node.items, path), `${path}[]`)
  const listType = listTypes.find((each) => each === node['x-kubernetes-list-type'])
  if (listType === undefined) throw new SchemaError(`${path}: a list without x-kubernetes-list-type`)
  if (listType === 'set' && items.type === 'object') throw new SchemaError(`${path}: a set of objects`)
  const keys = listType === 'map' ? { 'x-kubernetes-list-map-keys': mapKeys(node, items, path) } : {}
  const least = minItems === undefined ? {} : { minItems }
  return { ...least, maxItems, 'x-kubernetes-list-type': listType, ...keys, items }
}

const listTypes = ['atomic', 'set', 'map'] as const

function mapKeys(node: Json, items: Structural, path: string): readonly string[] {
  const keys = listMapKeys.safeParse(node['x-kubernetes-list-map-keys'])
  if (!keys.success) throw new SchemaError(`${path}: a list map without its keys`)
  for (const key of keys.data) {
    if (items.required?.includes(key) !== true) {
      throw new SchemaError(`${path}: the key ${key} of a list map must be required in its items`)
    }
  }
  return keys.data
}

const listMapKeys = z.array(z.string()).min(1)

function convertString(node: Json, path: string): Partial<Structural> {
  if (node.enum !== undefined) return { enum: node.enum.map(String) }
  if (node.format === 'date-time') return { format: 'date-time' }
  if (node.format !== undefined) throw new SchemaError(`${path}: the format ${node.format}`)
  if (node.maxLength === undefined) throw new SchemaError(`${path}: a string without maxLength`)
  const least = node.minLength === undefined ? {} : { minLength: node.minLength }
  return { ...least, maxLength: node.maxLength }
}

function convertInteger(node: Json, path: string): Partial<Structural> {
  const { minimum, maximum } = node
  if (minimum === undefined || maximum === undefined) throw new SchemaError(`${path}: a number without bounds`)
  return { format: maximum > 2 ** 31 - 1 ? 'int64' : 'int32', minimum, maximum }
}

/** A pattern and its sentence become one CEL rule: see schema-fields.ts. */
function patternRules(node: Json, path: string): readonly Rule[] {
  if (node.pattern === undefined || node.format === 'date-time') return []
  const sentence = node[sentenceKey]
  if (typeof sentence !== 'string') throw new SchemaError(`${path}: a pattern without a sentence`)
  if (/\(\?|\\[^x/\\.]/.test(node.pattern.replaceAll('\\\\', '')))
    throw new SchemaError(`${path}: RE2 reads ${node.pattern} otherwise`)
  return [{ rule: `self.matches(${celString(node.pattern)})`, message: inSentence(sentence, path) }]
}

function ownRules(node: Json, path: string): readonly Rule[] {
  const found = validations.safeParse(node['x-kubernetes-validations'])
  if (!found.success) throw new SchemaError(`${path}: x-kubernetes-validations that are no rules`)
  return (found.data ?? []).map(({ rule, message, reason, fieldPath }) => ({
    rule,
    message: inSentence(message, path),
    ...(reason === undefined ? {} : { reason }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  }))
}

const validations = z
  .array(
    z.strictObject({
      rule: z.string(),
      message: z.string(),
      reason: z
        .enum(['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'])
        .optional(),
      fieldPath: z.string().optional(),
    }),
  )
  .optional()

/** The message with the field's path; each must name a field and be a whole sentence of one line. */
function inSentence(message: string, path: string): string {
  const sentence = message.replaceAll('{field}', path)
  const wellFormed = /^(spec|status)[.[a-zA-Z_\]]* .*[A-Za-z0-9]\.$/.test(sentence) && sentence.length <= 2048
  if (!wellFormed) throw new SchemaError(`${path}: the message "${sentence}" names no field or is no sentence`)
  return sentence
}

/** A CEL string literal. */
export function celString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function subschema(child: Json['items'] | Json['additionalProperties'], path: string): Json {
  if (child === undefined || typeof child === 'boolean' || isList(child)) {
    throw new SchemaError(`${path}: a place for anything`)
  }
  return child
}

function isList<T>(value: T | T[]): value is T[] {
  return Array.isArray(value)
}
