/** What people are told to set in the chart is there to be set. */
import test from 'ava'
import { readFile } from 'node:fs/promises'

import { sourceStrings } from './source-strings.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
}

function pathsOf(schema: Schema, prefix = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    `${prefix}${name}`,
    ...pathsOf(inner, `${prefix}${name}.`),
  ])
}

/** Words that are written as values of a chart are: `smtp.host`, `bindableRoles`; fields of our kinds are none. */
function valuesIn(sentence: string): readonly string[] {
  const words = sentence.match(/(?<![\w./-])[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*(?![\w/-])/g) ?? []
  return words.filter((word) => /[.A-Z]/.test(word) && !/^(spec|status|metadata)\./.test(word))
}

test('a sentence about the installation or its chart names only values that the chart has', async (t) => {
  const schema = JSON.parse(await readFile('charts/tenantry/values.schema.json', 'utf8')) as Schema
  const known = new Set(pathsOf(schema))
  const sentences = (await sourceStrings()).filter(({ text }) => /\b(chart|installation)\b/.test(text))
  const named = sentences.flatMap(({ path, text }) => valuesIn(text).map((value) => ({ path, value })))
  t.deepEqual(
    named.filter(({ value }) => !known.has(value)),
    [],
  )
  const all = new Set(named.map(({ value }) => value))
  for (const value of ['smtp.host', 'smtp.from.address', 'settings.bindableRoles', 'dumps.timeout'])
    t.true(all.has(value), `some message names ${value}`)
})
