/**
 * Refuses the parts of zod that do not reach a CRD: zod drops some checks from JSON Schema silently (refine, transform,
 * trim), and the apiserver would not make them.
 */
import { z } from 'zod'

/** A schema that cannot become part of a CRD. The message names the field. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
}

const checksThatArrive: ReadonlySet<string> = new Set([
  'max_length',
  'min_length',
  'number_format',
  'greater_than',
  'less_than',
  'string_format',
])

function fieldsOf({ shape }: z.ZodObject): readonly (readonly [string, z.core.$ZodType])[] {
  return Object.entries<z.core.$ZodType>(shape)
}

function childrenOf(schema: z.core.$ZodType, path: string): readonly (readonly [z.core.$ZodType, string])[] {
  if (schema instanceof z.ZodObject) {
    if (schema._zod.def.catchall !== undefined) throw new SchemaError(`${path}: strict and loose objects are refused`)
    return fieldsOf(schema).map(([name, child]) => [child, `${path}.${name}`])
  }
  if (schema instanceof z.ZodArray) return [[schema.element, `${path}[]`]]
  if (schema instanceof z.ZodRecord) return [[schema.valueType, `${path}.*`]]
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return [[schema.unwrap(), path]]
  }
  if (schema instanceof z.ZodBoolean || schema instanceof z.ZodEnum) return []
  if (schema instanceof z.ZodString || schema instanceof z.ZodISODateTime || schema instanceof z.ZodNumberFormat)
    return []
  throw new SchemaError(`${path}: zod's ${schema._zod.def.type} has no place in a CRD`)
}

function assertChecks(schema: z.core.$ZodType, path: string): void {
  const checks = schema._zod.def.checks ?? []
  for (const { _zod } of checks) {
    if (!checksThatArrive.has(_zod.def.check))
      throw new SchemaError(`${path}: the check ${_zod.def.check} would be lost`)
  }
  const patterns = checks.filter(({ _zod }) => _zod.def.check === 'string_format')
  if (patterns.length > 1) throw new SchemaError(`${path}: two patterns become an allOf, which is refused`)
  if (z.globalRegistry.get(schema)?.id !== undefined) throw new SchemaError(`${path}: an id becomes a $ref`)
}

/** @throws SchemaError when a part of `schema` would be lost on the way to the apiserver, or be refused there. */
export function assertExpressible(schema: z.core.$ZodType, path: string): void {
  assertChecks(schema, path)
  for (const [child, childPath] of childrenOf(schema, path)) assertExpressible(child, childPath)
}
