import test from 'ava'

import { decide } from '../../../operator/tenantplan/decide.ts'
import { tenant, tenantPlan } from '../../gen.ts'

const bindableRoles = ['app-viewer']
const other = tenantPlan({ name: 'gold', uid: 'uid-gold' })

const table: readonly (readonly [string, Parameters<typeof tenantPlan>[0], boolean, string])[] = [
  ['as it should be', {}, false, 'Ready=True Valid'],
  ['with a role that may be bound', { spec: { roles: { viewer: 'app-viewer' } } }, false, 'Ready=True Valid'],
  ['with one that may not', { spec: { roles: { root: 'cluster-admin' } } }, false, 'Ready=False RoleNotBindable'],
  ['the second default', {}, true, 'Ready=False MultipleDefaultPlans'],
  ['no default beside one', { spec: { default: false } }, true, 'Ready=True Valid'],
  ['by schema', { spec: { database: { isolation: 'Schema' } } }, false, 'Ready=False NotImplemented'],
]

for (const [what, over, second, expected] of table) {
  test(`a plan ${what}: ${expected}`, (t) => {
    const plan = tenantPlan(over)
    const plans = second ? [plan, other] : [plan]
    const status = decide({ plan, plans, tenants: [tenant()], bindableRoles }, 0)
    const ready = status.conditions?.find(({ type }) => type === 'Ready')
    t.is(`Ready=${ready?.status} ${ready?.reason}`, expected)
    t.is(
      status.conditions?.some(({ type }) => type === 'Stalled'),
      ready?.status === 'False',
    )
    t.is(status.tenants, 1)
    t.deepEqual(decide({ plan: { ...plan, status }, plans, tenants: [tenant()], bindableRoles }, 9_999), status)
  })
}
