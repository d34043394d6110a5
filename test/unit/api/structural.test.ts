import test from 'ava'
import { z } from 'zod'
import { rules, text, time } from '../../../operator/api/schema-fields.ts'
import { structural } from '../../../operator/api/structural.ts'
import { SchemaError } from '../../../operator/api/zodcheck.ts'

const words = z.string().max(9).describe('A word.')
const sentence = '{field} must be lower-case letters.'

const lost = {
  'a refine': words.refine((value) => value !== 'x'),
  'a transform': words.transform((value) => value.length),
  'a trim': words.trim(),
  'a change of case': words.toLowerCase(),
  'a union': z.union([words, z.int()]),
  'a tuple': z.tuple([words]),
  'a literal': z.literal('x'),
  'a nullable': words.nullable(),
  'an intersection': z.intersection(z.object({ a: words }), z.object({ b: words })),
  'anything at all': z.any(),
  'a coerced string': z.preprocess(String, words),
  'a custom type': z.custom<string>(),
  'a strict object': z.strictObject({ a: words }),
  'a loose object': z.looseObject({ a: words }),
  'two patterns': text(9, /^[a-z]+$/, sentence)
    .regex(/a/)
    .describe('A word.'),
  'a schema with an id': words.meta({ id: 'word' }),
  'a date': z.date(),
  'a fraction': z.number().min(0).max(1).describe('A fraction.'),
  'a multiple': z.int().min(0).max(9).multipleOf(3).describe('A number.'),
  'an exclusive bound': z.int().gt(0).max(9).describe('A number.'),
} as const

for (const [what, schema] of Object.entries(lost)) {
  test(`${what} cannot be lost on the way to the apiserver: it is refused, and the field named`, (t) => {
    const error = t.throws(() => structural(z.object({ field: schema }).describe('All.'), 'spec'), {
      instanceOf: SchemaError,
    })
    t.regex(error.message, /^spec\.field: /)
  })
}

const poor = {
  'a string without a bound': z.string().describe('A word.'),
  'a number without bounds': z.number().describe('A number.'),
  'a list without a bound': z.array(words).meta({ description: 'Words.', 'x-kubernetes-list-type': 'atomic' }),
  'a list without a type': z.array(words).max(3).describe('Words.'),
  'a set of objects': z
    .array(z.object({ a: words }).describe('One.'))
    .max(3)
    .meta({ description: 'All.', 'x-kubernetes-list-type': 'set' }),
  'a list map whose key may be missing': z
    .array(z.object({ a: words.optional() }).describe('One.'))
    .max(3)
    .meta({ description: 'All.', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] }),
  'a map without a bound': z.record(z.string(), words).describe('Words.'),
  'a field without a description': z.string().max(3),
  'an item without a description': z
    .array(z.string().max(3))
    .max(3)
    .meta({ description: 'Words.', 'x-kubernetes-list-type': 'atomic' }),
  'a pattern without a sentence': z.string().max(9).regex(/a/).describe('A word.'),
  'a lookahead': text(9, /^(?=a)[a-z]+$/, sentence).describe('A word.'),
  'a class that RE2 reads otherwise': text(9, /^\w+$/, sentence).describe('A word.'),
  'a message that names no field': words.meta(rules({ rule: 'self != ""', message: 'this is wrong.' })),
  'a message that is no sentence': words.meta(rules({ rule: 'self != ""', message: '{field} is wrong' })),
} as const

for (const [what, schema] of Object.entries(poor)) {
  test(`${what} is refused`, (t) => {
    t.throws(() => structural(z.object({ field: schema }).describe('All.'), 'spec'), { instanceOf: SchemaError })
  })
}

test('a pattern becomes a rule with its sentence, and no pattern is left', (t) => {
  const schema = z.object({ word: text(9, /^[a-z.'\\]+\.$/, sentence).describe('A word.') }).describe('All.')
  t.deepEqual(structural(schema, 'spec').properties?.['word'], {
    type: 'string',
    description: 'A word.',
    maxLength: 9,
    'x-kubernetes-validations': [
      { rule: "self.matches('^[a-z.\\'\\\\\\\\]+\\\\.$')", message: 'spec.word must be lower-case letters.' },
    ],
  })
})

test('a time is a date-time, whatever pattern zod has for it', (t) => {
  const schema = z.object({ at: time().describe('When.') }).describe('All.')
  t.deepEqual(structural(schema, 'spec').properties?.['at'], {
    type: 'string',
    description: 'When.',
    format: 'date-time',
  })
})

test("an object's default has the defaults of what is inside", (t) => {
  const inner = z
    .object({ on: z.boolean().default(true).describe('On.') })
    .prefault({})
    .describe('Inner.')
  const outer = z.object({ inner }).prefault({}).describe('Outer.')
  const schema = z.object({ outer }).describe('All.')
  t.deepEqual(structural(schema, 'spec').properties?.['outer']?.default, { inner: { on: true } })
})
