/** docs/explanation/transitions.md is what the code does. */
import { readFile } from 'node:fs/promises'

import test from 'ava'

import { customer, provider } from './transition-scenes.ts'
import { page, pagePath, transitions } from './transitions.ts'

const living = transitions()

test('the tables of transitions are what happens', async (t) => {
  const lived = await living
  t.is(await readFile(pagePath, 'utf8'), page(lived), 'Write it anew: node test/unit/tenant/transitions.ts')
})

test('every state can be left by a deletion, and nothing is left running by one', async (t) => {
  const lived = (await living).customer
  const states = [...new Set(lived.map(({ from }) => from))].filter((state) => !/^(Deleting|gone)/.test(state))
  for (const state of states) {
    const end = lived.find(({ from, event }) => from === state && event === 'the Tenant is deleted')?.to
    // What a server that does not answer has is not left there.
    t.is(end, state === 'Provisioning' ? 'Deleting' : 'gone', state)
  }
})

test('each state leads somewhere, and each event changes some state', async (t) => {
  const { customer: ours, provider: theirs } = await living
  const [froms, events] = [[...ours, ...theirs].map(({ from }) => from), [...ours, ...theirs].map(({ event }) => event)]
  for (const [state] of [...customer.states, ...provider.states]) t.true(froms.includes(state), state)
  for (const [event] of [...customer.events, ...provider.events]) t.true(events.includes(event), event)
})
