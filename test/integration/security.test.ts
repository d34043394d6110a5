/** What a tenant's admin and an MSP's admin try in the cluster with their logins: each attempt is refused. */
import test from 'ava'
import { accessListName } from '../../operator/api/names.ts'
import { harness, uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import type { Attack, Attempt, Cast } from './attacks/attack.ts'
import { isolation } from './attacks/isolation.ts'
import { rights } from './attacks/rights.ts'
import { ways } from './attacks/ways-in.ts'
import { forgeries } from './attacks/forgeries.ts'
import { byMsp } from './attacks/msp.ts'
import { adminOf, configMap, core, hostOf, ingress, network, pod, service, tenantOf } from './attacks/objects.ts'
import { openSecurityScene, person } from './security-scene.ts'
import type { Answer, Person, SecurityScene } from './security-scene.ts'
import { bindingOf, databaseOf, logsIn, namespaceOf, paths } from './tenant-scene.ts'

let scene: SecurityScene
let owner: Person
let msp: Person

test.before('an MSP, its customer and a neighbour, each with an admin who has accepted', async (t) => {
  t.timeout(420_000)
  scene = await openSecurityScene()
  const list = core(scene.customer.namespace, 'configmaps', accessListName)
  await eventually(() => scene.api.get(list), { timeout: 120_000, describe: 'the list of who has access' })
  // No pod is taken before its ServiceAccount is there, and before the quota is counted.
  await scene.takesPods(scene.customer.namespace)
  const isCounted = async () => (await scene.api.get(paths.quota(scene.customer.namespace)))?.status?.['hard']
  await eventually(isCounted, { timeout: 90_000, describe: 'the quota to be counted' })
  owner = await person(scene.customer.user)
  msp = await person(scene.msp.user)
})
test.after.always(async () => {
  await owner?.[Symbol.asyncDispose]()
  await msp?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

const cast = (): Cast => ({ mine: scene.customer, neighbour: scene.neighbour, msp: scene.msp })

/** 403 by RBAC or by a policy, 422 by the schema; by whom is told, as a right that is missing would hide a policy that is dead. */
function refusedIn({ status, text }: Answer): string {
  const { message = '' } = JSON.parse(text) as { readonly message?: string } // a metav1.Status
  return [403, 422].includes(status) ? message : `answered with ${status}: ${text.slice(0, 300)}`
}

function refuses(who: string, attacker: () => Person, attacks: readonly Attack[]): void {
  for (const [sentence, attempt, refusal] of attacks)
    test(`Refused: ${who} ${sentence}`, async (t) => {
      const [verb, path, body] = attempt(cast())
      const message = refusedIn(await attacker().try(verb, path, body))
      const words = refusal ?? `User "${attacker().name}" cannot `
      t.true(message.includes(words), `${verb} ${path}, where ${words} was expected: ${message}`)
    })
}

refuses('a tenant’s admin', () => owner, [...isolation, ...rights, ...ways, ...forgeries])
refuses('an MSP’s admin', () => msp, byMsp)

test('Allowed: a tenant’s admin works in the own namespace', async (t) => {
  const { namespace } = scene.customer
  const allowed: readonly Attempt[] = [
    ['POST', core(namespace, 'configmaps'), configMap('settings', { app: 'mine' })],
    ['POST', core(namespace, 'services'), service({ selector: { app: 'mine' } })],
    ['POST', core(namespace, 'pods'), pod({})],
    ['POST', paths.admins(namespace), adminOf('colleague', {})],
    ['GET', paths.secret(namespace)],
    ['POST', network(namespace, 'ingresses'), ingress(hostOf(scene.customer))],
    ['PATCH', `${network(namespace, 'ingresses')}/stolen`, ingress(`api.${hostOf(scene.customer)}`)],
  ]
  for (const [verb, path, body] of allowed) {
    const { status, text } = await owner.try(verb, path, body)
    t.true(status < 300, `${verb} ${path} was answered with ${status}: ${text.slice(0, 300)}`)
  }
})

test('Allowed: an MSP’s admin runs customers', async (t) => {
  const { namespace } = scene.msp
  const { status, text } = await msp.try('POST', paths.tenants(namespace), tenantOf(`c${Date.now() % 1e8}`))
  t.is(status, 201, text)
  await eventually(async () => (await msp.try('GET', paths.tenants(namespace))).status === 200)
})

test('Refused: a tool with every right in the home namespace writes a status; with the right everywhere it may repair one', async (t) => {
  const { kubectl } = harness().cluster
  const name = uniqueName('gitops')
  const user = `system:serviceaccount:${scene.home}:${name}`
  await kubectl(['create', 'serviceaccount', name, '-n', scene.home])
  await kubectl(['create', 'rolebinding', name, '-n', scene.home, '--clusterrole=cluster-admin', `--user=${user}`])
  t.teardown(async () => void (await kubectl(['delete', 'rolebinding,serviceaccount', name, '-n', scene.home])))
  const { tenant } = scene.neighbour
  const path = paths.tenant(scene.home, tenant.metadata.name)
  await using tool = await person(user)
  const note = { metadata: { annotations: { note: 'x' } } }
  // The apiserver takes up a RoleBinding a moment after it is made.
  await eventually(async () => (await tool.try('PATCH', path, note)).status === 200, {
    timeout: 90_000,
    describe: `the rights of ${user}`,
  })
  const status = await tool.try('PATCH', `${path}/status`, { status: { host: 'www.example.com' } })
  t.regex(refusedIn(status), /kind is one whose status only Tenantry writes/)
  const finalizers = await tool.try('PATCH', path, { metadata: { finalizers: [] } })
  t.regex(refusedIn(finalizers), /metadata\.finalizers must keep tenantry\.dev\/finalizer/)
  await scene.change(`${path}/status`, { status: { admins: 1 } })
})

test('A forged status leads to nothing foreign: neither namespace nor database of others is touched, in a deletion either', async (t) => {
  t.timeout(300_000)
  const { neighbour } = scene
  const victim = databaseOf(neighbour.tenant)
  const forged = await scene.provisioned()
  const mine = databaseOf(forged)
  const status = {
    namespace: 'kube-system',
    host: neighbour.tenant.status?.host,
    database: { name: victim.name, roles: { owner: victim.owner, logins: { a: victim.a, b: victim.b }, current: 'b' } },
  }
  await scene.change(`${paths.tenant(scene.home, forged.metadata.name)}/status`, { status })
  await scene.when(
    forged,
    ({ status: told }) => told?.namespace === namespaceOf(forged) && told.database?.name === mine.name,
  )
  await scene.change(`${paths.tenant(scene.home, forged.metadata.name)}/status`, { status })
  await scene.deleted(forged)
  t.is((await scene.api.get(paths.namespace('kube-system')))?.metadata.deletionTimestamp, undefined)
  t.true(await logsIn(await bindingOf(scene, neighbour.tenant)))
  t.truthy(await scene.api.get(paths.claim(`claim-host-${neighbour.tenant.status?.host ?? ''}`)))
  const left = await harness().postgres.query('SELECT FROM pg_roles WHERE rolname = $1', [mine.owner])
  t.deepEqual(left, [])
})
