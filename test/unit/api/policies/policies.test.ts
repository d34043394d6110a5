import test from 'ava'
import { admissionPolicies, admissionPolicyManifests } from '../../../../operator/api/policies/policies.ts'

const values = {
  prefix: 'acme-tenantry',
  operatorNamespace: 'operators',
  webNamespace: 'operators-web',
  operatorServiceAccount: 'robot',
  userPrefix: 'sso:',
  masqueradeLimit: '1h',
}

test('every policy has a name of its own, begun with the prefix, and a binding that denies', (t) => {
  const manifests = admissionPolicyManifests(values) as readonly {
    readonly kind: string
    readonly metadata: { readonly name: string }
    readonly spec: { readonly policyName?: string; readonly validationActions?: readonly string[] }
  }[]
  const policies = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
  const bindings = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')
  const names = policies.map(({ metadata }) => metadata.name)
  t.is(new Set(names).size, names.length)
  t.deepEqual(
    names.filter((name) => !name.startsWith('acme-tenantry-')),
    [],
  )
  t.deepEqual(
    bindings.map(({ spec }) => spec.policyName),
    names,
  )
  for (const { spec } of bindings) t.deepEqual(spec.validationActions, ['Deny'])
})

test('every refusal is one sentence that names a field first', (t) => {
  for (const { name, validations } of admissionPolicies(values)) {
    for (const { message } of validations) t.regex(message, /^(spec|metadata|kind|type)[. ][^\n]*[a-z]\.$/, name)
  }
})

test('the installation is in the expressions, and nothing in them is a template', (t) => {
  const text = JSON.stringify(admissionPolicies(values))
  t.true(text.includes('system:serviceaccount:operators:robot'))
  t.true(text.includes("('sso:' + object.spec.email).lowerAscii()"))
  t.false(text.includes('{{'))
})
