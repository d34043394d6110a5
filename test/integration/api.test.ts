/**
 * The API as a real kube-apiserver has it: what is refused, in which words; what is accepted, and stays as it was.
 * A control plane of its own, because the policies are cluster-wide and name an operator.
 */
import test from 'ava'
import { customResourceDefinition } from '../../operator/api/crd.ts'
import { kinds } from '../../operator/api/kinds.ts'
import { admissionPolicyManifests } from '../../operator/api/policies/policies.ts'
import type { Structural } from '../../operator/api/structural.ts'
import { apiServerAt, isNamespaced, pathOf, sentencesOf } from '../corpus/apiserver.ts'
import type { Answer, ApiServer } from '../corpus/apiserver.ts'
import { allowedCases, badCases, goodManifests, manifestOf } from '../corpus/cases.ts'
import type { Case, Manifest, Sketch } from '../corpus/cases.ts'
import { classes, httpRoutes, installation, namespaces, people, rights } from '../corpus/people.ts'
import { textFields, textsFor } from '../corpus/texts.ts'
import { startControlPlane } from '../harness/control-plane.ts'
import type { ControlPlane } from '../harness/control-plane.ts'
import { apiOf } from '../harness/api.ts'
import { kindsServed, policiesInForce } from '../harness/in-force.ts'

let plane: ControlPlane
let server: ApiServer

test.before('a control plane with our CRDs and policies', async () => {
  plane = await startControlPlane()
  server = apiServerAt(plane.server, plane.ca, plane.adminToken)
  const crds = [...kinds.map(customResourceDefinition), httpRoutes]
  const policies = admissionPolicyManifests(installation)
  const items = [...crds, ...namespaces, ...classes, ...rights, ...policies]
  await plane.kubectl(['apply', '-f', '-'], { input: { apiVersion: 'v1', kind: 'List', items } })
  await kindsServed(plane.kubectl)
  await using api = await apiOf(plane)
  await policiesInForce(api)
})

test.after.always('the control plane ends', () => plane.stop())

let count = 0

/** A short name: it has to fit as a subdomain. */
const freshName = (): string => `c${(count += 1)}`

/** Makes what a case needs, and its request. */
async function requestOf(each: Case): Promise<Answer> {
  const who = people[each.as ?? 'root']
  const place = each.namespace === 'operator' ? installation.operatorNamespace : (each.namespace ?? 'home')
  const name = freshName()
  const made = (sketch: Sketch): Manifest => manifestOf(sketch, name, isNamespaced(sketch.kind) ? place : undefined)
  if (each.before === undefined) {
    const manifest = made(each.object ?? fail(each))
    return server.send(who, 'POST', `${pathOf(manifest, 'collection')}?fieldValidation=Strict`, manifest)
  }
  const before = made(each.before)
  const path = pathOf(before, 'object')
  if (each.exists !== true) accepted(await server.send(people.root, 'POST', pathOf(before, 'collection'), before))
  if (each.status !== undefined) {
    accepted(await server.send(people.root, 'PATCH', `${path}/status`, { status: each.status }))
  }
  if (each.delete === true) return server.send(who, 'DELETE', path)
  const { metadata } = accepted(await server.send(people.root, 'GET', path))
  const after = made(each.object ?? fail(each))
  // Controllers write a status meanwhile; these kinds take an update without a version, custom ones do not.
  const { resourceVersion } = ['v1', 'apps/v1', 'batch/v1'].includes(after.apiVersion) ? {} : metadata
  const versioned = { ...after, metadata: { ...after.metadata, ...(resourceVersion && { resourceVersion }) } }
  const target = each.subresource === undefined ? path : `${path}/${each.subresource}`
  return server.send(who, 'PUT', `${target}?fieldValidation=Strict`, versioned)
}

function fail(each: Case): never {
  throw new Error(`${each.file}, ${each.name}: has neither object nor delete`)
}

function accepted(answer: Answer): Answer['body'] {
  if (answer.status >= 300) throw new Error(`refused: ${answer.body.message}`)
  return answer.body
}

for (const each of badCases()) {
  test.serial(`refused, ${each.file}: ${each.name}`, async (t) => {
    const answer = await requestOf(each)
    t.true([403, 422, 400].includes(answer.status), `${answer.status} ${answer.body.message ?? 'was accepted'}`)
    const sentences = sentencesOf(answer)
    t.is(sentences.length, 1, sentences.join('\n'))
    const [sentence = ''] = sentences
    // The apiserver puts the path and the value before a sentence of ours.
    t.is(sentence.endsWith(`: ${each.refused}`) ? each.refused : sentence, each.refused)
  })
}

for (const each of allowedCases()) {
  test.serial(`let through, ${each.file}: ${each.name}`, async (t) => {
    const answer = await requestOf(each)
    t.true(answer.status < 300, answer.body.message)
  })
}

for (const { file, manifest } of goodManifests()) {
  test.serial(`accepted and unchanged when applied twice, ${file}: ${manifest.metadata.name}`, async (t) => {
    const apply = async (flags: readonly string[]): Promise<Answer['body']> =>
      JSON.parse(
        await plane.kubectl(['apply', '-f', '-', '-o', 'json', '--as=root', '--as-group=system:masters', ...flags], {
          input: manifest,
        }),
      ) as Answer['body']
    await apply([])
    const path = pathOf(manifest, 'object')
    // As the operator does: a status that is only a default is not stored before the first update.
    const status = { observedGeneration: 1 }
    accepted(await server.send(people.root, 'PATCH', `${path}/status`, { status }))
    for (const flags of [[], ['--server-side', '--force-conflicts']]) {
      const first = await apply(flags)
      const second = await apply(flags)
      t.is(second.metadata.generation, first.metadata.generation)
      t.is(second.metadata.resourceVersion, first.metadata.resourceVersion)
    }
    const kind = kinds.find(({ resource }) => resource.kind === manifest.kind)
    const live = accepted(await server.send(people.root, 'GET', path))
    // What zod makes of the manifest is what the apiserver stored: the same fields, the same defaults.
    t.deepEqual(live.spec, kind?.spec.parse(manifest.spec ?? {}))
    t.deepEqual(live.status, status)
  })
}

for (const field of textFields) {
  test.serial(`zod and the apiserver are of one opinion of ${field.path}`, async (t) => {
    let taken = 0
    for (const text of textsFor(field)) {
      const manifest = manifestOf(field.sketch(text), 'agree', 'home')
      const { status } = await server.send(
        people.root,
        'POST',
        `${pathOf(manifest, 'collection')}?dryRun=All`,
        manifest,
      )
      const kind = kinds.find(({ resource }) => resource.kind === manifest.kind)
      const opinion = kind?.spec.safeParse(manifest.spec).success === true
      t.is(status < 300, opinion, JSON.stringify(text))
      if (opinion) taken += 1
    }
    t.true(taken > 0, 'no string was taken, so nothing was compared')
  })
}

/** All paths of a schema as `kubectl explain` names them. */
function pathsOf(schema: Structural, path: string): readonly string[] {
  const inner = schema.items ?? schema
  const fields = Object.entries(inner.properties ?? {})
  return [path, ...fields.flatMap(([name, child]) => pathsOf(child, `${path}.${name}`))]
}

for (const kind of kinds) {
  test.serial(`kubectl explains every field of ${kind.resource.kind}`, async (t) => {
    const { properties } = customResourceDefinition(kind).spec.versions[0].schema.openAPIV3Schema
    const explained = await plane.kubectl(['explain', kind.resource.plural, '--recursive'])
    for (const path of [...pathsOf(properties.spec, 'spec'), ...pathsOf(properties.status, 'status')]) {
      t.regex(explained, new RegExp(`^ +${path.split('.').at(-1)}\t<`, 'm'), path)
    }
    for (const path of ['spec', 'status', 'status.conditions']) {
      const page = await plane.kubectl(['explain', `${kind.resource.plural}.${path}`])
      t.notRegex(page, /<empty>|DESCRIPTION:\n *\n/, path)
    }
  })
}

test.serial('an object that the operator has not seen yet is in progress for kstatus', async (t) => {
  const tenant = manifestOf({ kind: 'Tenant', spec: { displayName: 'Acme' } }, freshName(), 'home')
  accepted(await server.send(people.root, 'POST', pathOf(tenant, 'collection'), tenant))
  const { status } = accepted(await server.send(people.root, 'GET', pathOf(tenant, 'object')))
  t.deepEqual(status, { observedGeneration: -1 })
})

test.serial('kubectl knows the short names, and the columns', async (t) => {
  for (const { shortName, columns } of kinds) {
    const table = await plane.kubectl(['get', shortName, '-A', '-o', 'wide'])
    for (const { name } of columns) t.true(table.includes(name.toUpperCase()), `${shortName}: ${name}`)
  }
  t.regex(await plane.kubectl(['get', 'tenantry', '-A', '-o', 'name']), /tenantplan\.tenantry\.dev\/least/)
})

test.serial('no policy has an expression that the apiserver warns of', async (t) => {
  const list = JSON.parse(await plane.kubectl(['get', 'validatingadmissionpolicies', '-o', 'json'])) as {
    readonly items: readonly {
      readonly metadata: { readonly name: string }
      readonly status?: { readonly typeChecking?: { readonly expressionWarnings?: unknown } }
    }[]
  }
  t.true(list.items.length > 10)
  for (const { metadata, status } of list.items) {
    t.deepEqual(status?.typeChecking?.expressionWarnings ?? [], [], metadata.name)
  }
})

test.serial('a home namespace whose deletion is meant goes, with a protected Tenant in it', async (t) => {
  const metadata = {
    name: 'going',
    labels: { 'tenantry.dev/home': 'true' },
    annotations: { 'tenantry.dev/allow-deletion': 'going' },
  }
  await plane.kubectl(['create', '-f', '-'], { input: { apiVersion: 'v1', kind: 'Namespace', metadata } })
  const tenant = manifestOf(
    { kind: 'Tenant', spec: { displayName: 'Acme', deletion: { protected: true } } },
    'acme',
    'going',
  )
  accepted(await server.send(people.root, 'POST', pathOf(tenant, 'collection'), tenant))
  await plane.kubectl(['delete', 'namespace', 'going', '--timeout=150s'])
  t.is((await server.send(people.root, 'GET', '/api/v1/namespaces/going')).status, 404)
})
