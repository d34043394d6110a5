import type { ChartValue } from './values-comments.ts'

type Schema = Record<string, unknown>

interface ObjectSchema extends Schema {
  readonly type: 'object'
  readonly additionalProperties: false
  readonly properties: Record<string, Schema>
}

const object = (): ObjectSchema => ({ type: 'object', additionalProperties: false, properties: {} })

/** JSON Schema (draft 7, as Helm reads it) of the chart's values; what it does not know is a typing error. */
export function valuesSchema(values: readonly ChartValue[]): object {
  const root = object()
  // Helm hands a parent chart's globals to its subcharts.
  root.properties['global'] = { type: 'object' }
  for (const value of values) place(root, value.path.split('.'), value)
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Values of the chart tenantry', ...root }
}

function place(parent: ObjectSchema, path: readonly string[], value: ChartValue): void {
  const [name, ...rest] = path
  if (name === undefined) return
  if (rest.length === 0) {
    parent.properties[name] = { description: value.description, default: value.default, ...value.schema }
    return
  }
  const child = parent.properties[name]
  const inner = isObjectSchema(child) ? child : object()
  parent.properties[name] = inner
  place(inner, rest, value)
}

function isObjectSchema(schema: Schema | undefined): schema is ObjectSchema {
  return schema !== undefined && 'properties' in schema && schema['additionalProperties'] === false
}
