import test from 'ava'

import { decide } from '../../../operator/tenantplan/decide.ts'
import type { Tenant } from '../../../operator/api/tenant.ts'
import type { TenantPlan } from '../../../operator/api/tenantplan.ts'
import { planRevision } from '../../../operator/domain/plan-revision.ts'
import { tenant, tenantPlan } from '../../gen.ts'

const bindableRoles = ['app-viewer']
const other = tenantPlan({ name: 'gold', uid: 'uid-gold' })

const table: readonly (readonly [string, Parameters<typeof tenantPlan>[0], boolean, string])[] = [
  ['as it should be', {}, false, 'Ready=True RolledOut'],
  ['with a role that may be bound', { spec: { roles: { viewer: 'app-viewer' } } }, false, 'Ready=True RolledOut'],
  ['with one that may not', { spec: { roles: { root: 'cluster-admin' } } }, false, 'Ready=False RoleNotBindable'],
  ['the second default', {}, true, 'Ready=False MultipleDefaultPlans'],
  ['no default beside one', { spec: { default: false } }, true, 'Ready=True RolledOut'],
  ['by schema', { spec: { database: { isolation: 'Schema' } } }, false, 'Ready=True RolledOut'],
]

const follower = (plan: TenantPlan, over: Partial<Tenant['status']> = {}): Tenant => ({
  ...tenant(),
  status: { observedGeneration: 1, plan: 'standard', planRevision: planRevision(plan), ...over },
})

test('while some of its tenants do not follow it, it is rolling out; those that are purged never will', (t) => {
  const plan = tenantPlan()
  const seen = (tenants: readonly Tenant[]) => ({ plan, plans: [plan], tenants, bindableRoles, refusal: undefined })
  const behind = follower(plan, { planRevision: 'another' })
  const status = decide(seen([follower(plan), behind]), 0)
  t.like(status, { tenants: 2, updatedTenants: 1 })
  t.deepEqual(
    status.conditions?.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`),
    [
      'Ready=False RollingOut',
      'Reconciling=True RollingOut',
      'Unbounded=True QuotaIncomplete',
      'DefaultsMissing=True DefaultsMissing',
    ],
  )
  t.like(
    decide(
      seen([follower(plan), { ...behind, status: { ...behind.status, observedGeneration: 1, phase: 'Purged' } }]),
      0,
    ),
    {
      updatedTenants: 2,
    },
  )
})

test('whether a plan is the default one makes no revision of it', (t) => {
  t.is(planRevision(tenantPlan()), planRevision(tenantPlan({ spec: { default: false } })))
  t.not(planRevision(tenantPlan()), planRevision(tenantPlan({ spec: { podSecurity: 'baseline' } })))
})

for (const [what, over, second, expected] of table) {
  test(`a plan ${what}: ${expected}`, (t) => {
    const plan = tenantPlan(over)
    const plans = second ? [plan, other] : [plan]
    const status = decide({ plan, plans, tenants: [follower(plan)], bindableRoles, refusal: undefined }, 0)
    const ready = status.conditions?.find(({ type }) => type === 'Ready')
    t.is(`Ready=${ready?.status} ${ready?.reason}`, expected)
    t.is(
      status.conditions?.some(({ type }) => type === 'Stalled'),
      ready?.status === 'False',
    )
    t.is(status.tenants, 1)
    t.deepEqual(
      decide({ plan: { ...plan, status }, plans, tenants: [follower(plan)], bindableRoles, refusal: undefined }, 9_999),
      status,
    )
  })
}
