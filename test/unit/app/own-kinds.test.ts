/** From when on our own kinds are counted, by the definitions and by a clock that may be wrong. */
import test from 'ava'
import type { KubeReader } from '../../../operator/kube/port.ts'
import { ownKindsCountedFrom } from '../../../operator/app/own-kinds.ts'

const minute = 60_000
const now = Date.parse('2030-01-01T12:00:00Z')

const cases = [
  { what: 'made long ago', made: '2029-01-01T00:00:00Z', from: Date.parse('2029-01-01T00:00:00Z') + minute },
  { what: 'made a moment ago', made: '2030-01-01T11:59:50Z', from: now - 10_000 + minute },
  { what: 'not there yet', made: undefined, from: now + minute },
  { what: 'made in an hour, by a clock that is behind', made: '2030-01-01T13:00:00Z', from: now + minute },
]

for (const { what, made, from } of cases)
  test(`definitions ${what}`, async (t) => {
    const metadata = { name: 'a', ...(made === undefined ? {} : { creationTimestamp: made }) }
    const get: unknown = () => Promise.resolve(made === undefined ? undefined : { metadata })
    t.is(await ownKindsCountedFrom({ get: get as KubeReader['get'] }, { now: () => now }), from)
  })
