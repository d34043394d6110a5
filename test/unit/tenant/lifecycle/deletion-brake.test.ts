/** Which deletions the brake lets through: by limits, clocks and order. */
import test from 'ava'

import { begin, limitOn, expiredFor } from '../../../../operator/tenant/lifecycle/deletion-brake.ts'
import { begunIn, entryOf, recordOf } from '../../../../operator/tenant/removal/deletion-record.ts'
import { fc } from '../../../random.ts'
import type { AskedDeletion, BegunDeletion } from '../../../../operator/tenant/model/deletion-hold.ts'

const minute = 60_000
const start = Date.parse('2030-01-01T12:00:00Z')
const settings = { installation: 5, msp: 3, window: 10 * minute, releaseAfter: undefined }
const northwind = { uid: 'uid-northwind', name: 'northwind' }

const at = (minutes: number) => new Date(start + minutes * minute).toISOString().replace('.000Z', 'Z')
const asked = (name: string, minutes = 0, msp?: AskedDeletion['msp']): AskedDeletion => ({
  uid: `uid-${name}`,
  tenant: `home/${name}`,
  deletedAt: at(minutes),
  msp,
})
const begun = (count: number, minutes = 0, msp?: AskedDeletion['msp']): readonly BegunDeletion[] =>
  Array.from({ length: count }, (_, index) => begin(asked(`gone${index}`, minutes, msp), start + minutes * minute))

const five = '5 deletions within 10m'
const three = '3 deletions of customers of the MSP northwind within 10m'

const table: readonly (readonly [string, string | undefined, Parameters<typeof limitOn>])[] = [
  ['the first', undefined, [asked('a'), [], [], settings, start]],
  ['the fifth', undefined, [asked('a'), [], begun(4), settings, start]],
  ['the sixth', five, [asked('a'), [], begun(5), settings, start]],
  [
    'the sixth, a moment before the time is over',
    five,
    [asked('a', 9.9), [], begun(5), settings, start + 9.9 * minute],
  ],
  ['the sixth, when the time is over', undefined, [asked('a', 10), [], begun(5), settings, start + 10 * minute]],
  ['the clock of the operator is set forward', five, [asked('a', 1), [], begun(5), settings, start + 500 * minute]],
  ['and back', five, [asked('a', 1), [], begun(5), settings, start - 500 * minute]],
  ['that of the API server is set forward', five, [asked('a', 500), [], begun(5), settings, start + minute]],
  [
    'entries of a clock that was ahead do not count for ever',
    undefined,
    [asked('a', 20), [], begun(5, 500), settings, start + 20 * minute],
  ],
  ['the fourth customer of an MSP', three, [asked('a', 0, northwind), [], begun(3, 0, northwind), settings, start]],
  ['a tenant beside three customers', undefined, [asked('a'), [], begun(3, 0, northwind), settings, start]],
  [
    'the customer of another MSP',
    undefined,
    [asked('a', 0, { uid: 'uid-other', name: 'other' }), [], begun(3, 0, northwind), settings, start],
  ],
  [
    'customers are counted for the installation too',
    five,
    [asked('a'), [], begun(5, 0, northwind), { ...settings, msp: 0 }, start],
  ],
  ['0 is off, for the installation', undefined, [asked('a'), [], begun(50), { ...settings, installation: 0 }, start]],
  [
    '0 is off, for an MSP',
    undefined,
    [asked('a', 0, northwind), [], begun(4, 0, northwind), { ...settings, msp: 0 }, start],
  ],
  [
    'those before it in time have the room',
    five,
    [asked('a', 1), ['v', 'w', 'x', 'y', 'z'].map((name) => asked(name)), [], settings, start],
  ],
  [
    'those after it do not',
    undefined,
    [asked('v'), ['w', 'x', 'y', 'z', 'zz'].map((name) => asked(name)), [], settings, start],
  ],
  [
    'those before it that are held themselves take no room',
    undefined,
    [
      asked('z'),
      ['a', 'b', 'c', 'd', 'e'].map((name) => asked(name, 0, northwind)),
      begun(1, 0, northwind),
      settings,
      start,
    ],
  ],
]

for (const [name, limit, given] of table) {
  test(`${name}: ${limit === undefined ? 'goes through' : 'is held'}`, (t) => {
    t.is(limitOn(...given), limit)
  })
}

test('of many at once the same ones go through, in whatever order they are asked about', (t) => {
  const all = Array.from({ length: 20 }, (_, index) => asked(`t${String(index).padStart(2, '0')}`, index % 2))
  const first = ['home/t00', 'home/t02', 'home/t04', 'home/t06', 'home/t08']
  const anyOrder = fc.shuffledSubarray(all, { minLength: all.length })
  fc.assert(
    fc.property(anyOrder, anyOrder, (one, other) => {
      const passed = one.filter((own) => limitOn(own, other, [], settings, start) === undefined)
      t.deepEqual(passed.map(({ tenant }) => tenant).toSorted(), first)
    }),
  )
})

test('the record gives back what was written, and what is no entry counts as none', (t) => {
  const [one, two] = [begin(asked('a'), start), begin(asked('b', 1, northwind), start)]
  const record = recordOf(one, 'tenantry-system', 'main')
  t.deepEqual(begunIn({ ...record, data: { ...record.data, ...entryOf(two), rubbish: 'home/x yesterday' } }), [
    one,
    two,
  ])
  t.deepEqual(begunIn(undefined), [])
})

test('an entry is over when it counts by neither clock', (t) => {
  const entries = begun(1)
  t.deepEqual(expiredFor(at(11), entries, settings.window, start + 11 * minute), ['uid-gone0'])
  t.deepEqual(expiredFor(at(1), entries, settings.window, start + 11 * minute), [])
  t.deepEqual(expiredFor(at(11), entries, settings.window, start + minute), [])
})
