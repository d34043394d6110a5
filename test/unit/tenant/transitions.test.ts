/** docs/explanation/transitions.md is what the code does. */
import { readFile } from 'node:fs/promises'

import test from 'ava'

import { page, pagePath, transitions } from './transitions.ts'

test('the table of transitions is what happens', async (t) => {
  const lived = await transitions()
  t.is(await readFile(pagePath, 'utf8'), page(lived), 'Write it anew: node test/unit/tenant/transitions.ts')
})

test('every state can be left by a deletion, and nothing is left running by one', async (t) => {
  const lived = await transitions()
  const states = [...new Set(lived.map(({ from }) => from))]
  for (const state of states) {
    t.true(
      lived.some(({ from, event, to }) => from === state && event === 'the Tenant is deleted' && to === 'gone'),
      state,
    )
  }
})
