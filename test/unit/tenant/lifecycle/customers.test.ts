import test from 'ava'
import { customerNames } from '../../../../operator/tenant/lifecycle/customers.ts'
import { tenant } from '../../../gen.ts'

const named = (names: readonly string[]) => names.map((name) => tenant({ name }))
const eleven = Array.from({ length: 11 }, (_, index) => `c${String(index).padStart(2, '0')}`)

test('customers are named in order, so that the message does not change from pass to pass', (t) => {
  t.is(customerNames(named(['b', 'a'])), 'a, b')
})

test('of more than ten the rest is a number', (t) => {
  t.is(customerNames(named(eleven)), `${eleven.slice(0, 10).join(', ')} and 1 more`)
  t.is(customerNames(named(eleven.slice(1))), eleven.slice(1).join(', '))
})
