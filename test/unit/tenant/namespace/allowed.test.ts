import test from 'ava'
import { allowedWords } from '../../../../operator/tenant/namespace/allowed.ts'
import { tenantNamespace } from '../../../../operator/tenant/namespace/objects.ts'
import { tenantPlan } from '../../../gen.ts'

test('the words of a plan, in one order whatever the plan has', (t) => {
  const one = { annotations: ['b', 'a/*'], taints: ['gpu'], ingressClasses: ['*'], unboundedEmptyDirs: true }
  t.is(allowedWords({ allowed: one }), 'annotation=a/*,annotation=b,emptyDir=unbounded,ingressClass=*,taint=gpu')
  t.is(allowedWords({ allowed: { ...one, annotations: ['a/*', 'b'] } }), allowedWords({ allowed: one }))
  t.is(
    allowedWords({ allowed: { csiDrivers: ['d'], priorityClasses: ['p'], storageClasses: ['s'] } }),
    'csiDriver=d,priorityClass=p,storageClass=s',
  )
  t.is(
    allowedWords({ allowed: { volumeAttributesClasses: ['v'], runtimeClasses: ['*'] } }),
    'runtimeClass=*,volumeAttributesClass=v',
  )
})

test('a plan that says nothing says so on the namespace, so that what an earlier one allowed goes', (t) => {
  const { spec } = tenantPlan()
  t.is(spec.allowed, undefined)
  const identity = { uid: 'u', formerUids: [], installation: 'main', tenant: 'home/acme' }
  const facts = { identity, name: 'tenant-acme', cloudId: 'acme', type: 'Customer', hosts: [], plan: spec } as const
  t.is(tenantNamespace(facts).metadata.annotations?.['tenantry.dev/allowed'], '')
})
