/** That test/corpus/bad has every sentence with which our definitions and policies refuse. A real apiserver is asked in test/integration. */
import test from 'ava'
import { customResourceDefinition } from '../../../operator/api/crd.ts'
import { kinds } from '../../../operator/api/kinds.ts'
import { admissionPolicies } from '../../../operator/api/policies/policies.ts'
import type { AdmissionPolicy, Validation } from '../../../operator/api/policies/policy.ts'
import type { Structural } from '../../../operator/api/structural.ts'
import { pluralOf } from '../../corpus/apiserver.ts'
import { badCases } from '../../corpus/cases.ts'
import type { Case } from '../../corpus/cases.ts'
import { installation } from '../../corpus/people.ts'
import type { Rule } from '../../../operator/api/cel-rule.ts'

const bad = badCases()
const kindOf = ({ object, before }: Case) => (object ?? before)?.kind ?? ''

/** What cases of this kind are refused with; the apiserver may put a path before it, and has the index in that of an item. */
const sentencesFor = (kind: string): readonly string[] =>
  bad.filter((each) => kindOf(each) === kind).map(({ refused }) => (refused ?? '').replaceAll(/\[\d+\]/g, '[]'))

type Part = Pick<Structural, 'x-kubernetes-validations' | 'enum' | 'properties' | 'items' | 'additionalProperties'>

/** Every node of a schema, with its path. */
function nodes(part: Part, path: string): readonly (readonly [path: string, part: Part])[] {
  const { properties = {}, items, additionalProperties } = part
  return [
    [path, part],
    ...Object.entries(properties).flatMap(([name, child]) => nodes(child, path === '' ? name : `${path}.${name}`)),
    ...(items === undefined ? [] : nodes(items, `${path}[]`)),
    ...(additionalProperties === undefined ? [] : nodes(additionalProperties, `${path}.*`)),
  ]
}

for (const kind of kinds) {
  const { kind: name } = kind.resource
  const { properties, ...root } = customResourceDefinition(kind).spec.versions[0].schema.openAPIV3Schema
  const { spec, status } = properties
  const all = nodes(
    { 'x-kubernetes-validations': root['x-kubernetes-validations'] ?? [], properties: { spec, status } },
    '',
  )

  test(`The corpus has every sentence of a rule of ${name}`, (t) => {
    const sentences = sentencesFor(name)
    const has = ({ message }: Rule) => sentences.some((each) => each === message || each.endsWith(`: ${message}`))
    const rules = all.flatMap(([, part]) => part['x-kubernetes-validations'] ?? [])
    t.true(rules.length > 0)
    t.deepEqual(
      rules.filter((rule) => !has(rule)).map(({ message }) => message),
      [],
    )
  })

  test(`The corpus has an unknown value for every enumeration in the spec of ${name}`, (t) => {
    const sentences = sentencesFor(name)
    const enumerations = all.filter(([path, part]) => path.startsWith('spec') && part.enum !== undefined)
    const has = (path: string) => sentences.some((each) => each.startsWith(`${path}: Unsupported value: `))
    t.deepEqual(
      enumerations.map(([path]) => path).filter((path) => !has(path)),
      [],
    )
  })
}

/** The sentence as a pattern; what an expression puts into it may be anything. */
function patternOf({ message, messageExpression }: Validation): RegExp {
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  if (messageExpression === undefined) return new RegExp(`^${literal(message)}$`)
  const parts = [...messageExpression.matchAll(/'([^']*)'/g)].map(([, text = '']) => literal(text))
  return new RegExp(`^${parts.join('.+')}$`)
}

const looksAt = ({ rules }: AdmissionPolicy, each: Case): boolean =>
  rules.some(({ resources }) => {
    const plural = pluralOf(kindOf(each))
    return resources.includes('*') || resources.includes(each.subresource ? `${plural}/${each.subresource}` : plural)
  })

for (const policy of admissionPolicies(installation))
  test(`The corpus has every sentence of the policy ${policy.name}`, (t) => {
    const cases = bad.filter((each) => looksAt(policy, each))
    const patterns = policy.validations.map(patternOf)
    const has = (pattern: RegExp) => cases.some(({ refused }) => pattern.test(refused ?? ''))
    t.deepEqual(patterns.filter((pattern) => !has(pattern)).map(String), [])
  })
