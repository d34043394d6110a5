import test from 'ava'

import { logLines } from '../../../operator/api/log-lines.ts'
import type { LogLine } from '../../../operator/api/log-line.ts'
import { eventsOfLoss, whys } from '../../../operator/api/whys.ts'
import { sourceStrings } from './source-strings.ts'

const tables = Object.values<Readonly<Record<string, LogLine>>>(logLines)
const names = tables.flatMap((lines) => Object.keys(lines))
const messages = tables.flatMap((lines) => Object.values(lines).map(({ message }) => message))

test('every line, reason and Event that is promised is one that the operator writes', async (t) => {
  const strings = await sourceStrings()
  const said = new Set(strings.filter(({ path }) => !path.startsWith('operator/api/')).map(({ text }) => text))
  const promised = [...names, ...Object.keys(whys), ...Object.keys(eventsOfLoss)]
  t.deepEqual(
    promised.filter((each) => !said.has(each)),
    [],
  )
})

test('no two lines say the same', (t) => {
  t.is(new Set(messages).size, messages.length)
})

test('no field is called like a secret, which the log would redact', (t) => {
  const fields = tables.flatMap((lines) => Object.values(lines).flatMap((line) => line.fields))
  t.deepEqual(
    fields.filter((field) => /secret|password|token|email|address|username/i.test(field)),
    [],
  )
})
