/**
 * values.yaml documents itself: the comment above a key says what it means, a line of it that begins with `schema:` adds
 * JSON Schema to what the default tells. From these come values.schema.json and the table of the chart's README.
 */
import { isMap, isNode, isScalar, parse, parseDocument } from 'yaml'
import type { Pair, YAMLMap } from 'yaml'

export interface ChartValue {
  /** `settings.baseDomain` */
  readonly path: string
  readonly description: string
  readonly default: unknown
  readonly schema: Readonly<Record<string, unknown>>
}

/** All values in the order of the file. @throws Error for a value that no comment describes. */
export function chartValues(text: string): ChartValue[] {
  const { contents } = parseDocument(text)
  if (!isMap(contents)) throw new Error('values.yaml must be a map')
  const lines = text.split('\n')
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length - 1
  return valuesOf(contents, '', (offset) => commentAbove(lines, lineOf(offset)))
}

function valuesOf(map: YAMLMap, prefix: string, commentAt: (offset: number) => Comment): ChartValue[] {
  return map.items.flatMap((pair) => valueOf(pair, prefix, commentAt))
}

function valueOf({ key, value }: Pair, prefix: string, commentAt: (offset: number) => Comment): ChartValue[] {
  if (!isScalar(key) || typeof key.value !== 'string' || !key.range)
    throw new Error(`a key in ${prefix} is no plain word`)
  const path = `${prefix}${key.value}`
  const { description, schema } = commentAt(key.range[0])
  if (isMap(value) && value.items.length > 0 && schema === undefined) return valuesOf(value, `${path}.`, commentAt)
  if (description === '') throw new Error(`values.yaml: no comment says what ${path} means`)
  const standard: unknown = isNode(value) ? value.toJSON() : value
  return [{ path, description, default: standard, schema: { ...typeOf(standard, path), ...schema } }]
}

function typeOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'string' || typeof value === 'boolean') return { type: typeof value }
  if (typeof value === 'number') return { type: 'integer' }
  if (Array.isArray(value)) return { type: 'array' }
  if (typeof value === 'object' && value !== null) return { type: 'object' }
  throw new Error(`values.yaml: the default of ${path} tells no type`)
}

interface Comment {
  readonly description: string
  readonly schema: Readonly<Record<string, unknown>> | undefined
}

/** The comment lines that end right above `line` (counted from 0). */
function commentAbove(lines: readonly string[], line: number): Comment {
  let first = line
  while (/^\s*#/.test(lines[first - 1] ?? '')) first -= 1
  const words = lines.slice(first, line).map((text) => text.replace(/^\s*#\s?/, '').trim())
  const schemas = words.filter((text) => text.startsWith('schema:'))
  return {
    description: words.filter((text) => !text.startsWith('schema:')).join(' '),
    schema:
      schemas.length === 0 ? undefined : Object.fromEntries(schemas.flatMap((text) => Object.entries(schemaIn(text)))),
  }
}

function schemaIn(line: string): object {
  const parsed: unknown = parse(line.slice('schema:'.length))
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`values.yaml: no JSON Schema in "${line}"`)
  return parsed
}
