/** Which steps a random life has: drawn by fast-check from a seed, so that the same seed draws the same again. */
import { fc } from '../../random.ts'
import { children, persons, slots, states } from './step.ts'
import type { Act, Step } from './step.ts'

const slot = fc.constantFrom(...slots.map(({ name }) => name))
const person = fc.constantFrom(...persons)
const state = fc.constantFrom(...states)
/** Back to life more often than away from it, or soon nothing would be alive. */
const lively = fc.oneof({ weight: 2, arbitrary: fc.constant('Active' as const) }, { weight: 3, arbitrary: state })
/** Names in use, names that are free, and now and then the one that it had at first. */
const wanted = fc.oneof(
  slot,
  slot.map((name) => `${name}x`),
  slot.map((name) => `${name}y`),
)
const constant = <T extends string>(kind: T) => fc.constant(kind)
const moment = fc.integer({ min: 200, max: 2000 })

const tenantStep = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      kind: constant('declare'),
      slot,
      isolation: fc.constantFrom('Database' as const, 'Schema' as const),
      provisioning: fc.constantFrom('Immediate' as const, 'Immediate' as const, 'OnAccept' as const),
      adopt: fc.boolean(),
    }),
  },
  { weight: 9, arbitrary: fc.record({ kind: constant('state'), slot, state: lively }) },
  { weight: 1, arbitrary: fc.record({ kind: constant('purge'), slot }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: constant('expire'),
      slot,
      when: fc.constantFrom('past' as const, 'soon' as const, 'never' as const, 'never' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: constant('rename'), slot, to: wanted }) },
  { weight: 3, arbitrary: fc.record({ kind: constant('swap'), slot, other: slot }) },
  { weight: 4, arbitrary: fc.record({ kind: constant('rotate'), slot }) },
  { weight: 1, arbitrary: fc.record({ kind: constant('limit'), slot, connections: fc.integer({ min: 5, max: 9 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: constant('delete'), slot }) },
  { weight: 3, arbitrary: fc.record({ kind: constant('retain'), slot }) },
  { weight: 5, arbitrary: fc.record({ kind: constant('deleteChild'), slot, child: fc.constantFrom(...children) }) },
  { weight: 1, arbitrary: fc.record({ kind: constant('deleteNamespace'), slot }) },
)

const personStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: constant('declareAdmin'), slot, person, newAddress: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: constant('accept'), slot, person }) },
  { weight: 3, arbitrary: fc.record({ kind: constant('resend'), slot, person }) },
  { weight: 1, arbitrary: fc.record({ kind: constant('address'), slot, person }) },
  { weight: 3, arbitrary: fc.record({ kind: constant('adminState'), slot, person, state: lively }) },
  { weight: 2, arbitrary: fc.record({ kind: constant('deleteAdmin'), slot, person }) },
)

const commonStep = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: constant('plan'), pods: fc.integer({ min: 10, max: 99 }) }) },
  { weight: 5, arbitrary: fc.record({ kind: constant('kill') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: constant('postgres'),
      mode: fc.constantFrom('fast' as const, 'immediate' as const),
      for: moment,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: constant('mail'), for: moment }) },
)

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 110, arbitrary: tenantStep },
  { weight: 90, arbitrary: personStep },
  { weight: 12, arbitrary: commonStep },
)

/** Steps that lie close together, so that one comes in the midst of what another has begun. */
const step: fc.Arbitrary<Step> = fc.record({ act, after: fc.integer({ min: 0, max: 1500 }) })

/** The first tenants, and then as many as are asked for, some of which have nothing to act on when their turn comes. */
export function draw(seed: number, count: number): readonly Step[] {
  const founding = slots.flatMap(({ name, under }, index): readonly Step[] =>
    under === undefined ? [{ after: 0, act: found(name, index % 2 === 0) }] : [],
  )
  return [...founding, ...fc.sample(fc.noBias(step), { seed, numRuns: count })]
}

function found(name: string, own: boolean): Act {
  const isolation = own ? 'Database' : 'Schema'
  return { kind: 'declare', slot: name, isolation, provisioning: 'Immediate', adopt: false }
}
