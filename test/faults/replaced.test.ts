/**
 * The tenant is replaced by another of its name: what was given for the one opens no other, whatever the operator saw of it.
 */
import test from 'ava'
import type { Stored } from '../harness/api.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { startOperator } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { available, conditionOf, declareTenant, inviteOf, newName, removePastPolicy } from './life.ts'

const group = '/apis/tenantry.dev/v1alpha1'
const apiVersion = 'tenantry.dev/v1alpha1'
const longWait = { timeout: 90_000, interval: 100 }

let world: World
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

const start = (entry = 'operator/main.ts') =>
  startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, entry })

/** A customer of an MSP, its admin, a technician of the MSP, and what is delegated to that one. */
interface Declared {
  readonly name: string
  readonly namespace: string
  readonly customer: Stored
}

const path = (kind: string, { namespace }: Pick<Declared, 'namespace'>, name = '') =>
  `${group}/namespaces/${namespace}/${kind}${name === '' ? '' : `/${name}`}`

async function when(at: string, check: (object: Stored) => boolean, limits = longWait): Promise<Stored> {
  return eventually(
    async () => {
      const found = await world.api.get(at)
      if (found !== undefined && check(found)) return found
      throw new Error(JSON.stringify(found?.status))
    },
    { ...limits, describe: at },
  )
}

const isAccepted = (admin: Stored) => inviteOf(admin)['status'] === 'Accepted'
const addressOf = (name: string) => `${name}@customers.example.com`

async function admitted(at: Pick<Declared, 'namespace'>, name: string, spec: object): Promise<void> {
  await world.api.send('POST', path('tenantadmins', at), {
    apiVersion,
    kind: 'TenantAdmin',
    metadata: { name },
    spec: { username: name, email: addressOf(name), ...spec },
  })
  const { links } = await world.mail.waitFor(({ to }) => to.includes(addressOf(name)), { timeout: 90_000 })
  if ((await acceptInvite(links[0] ?? '')) !== 'accepted') throw new Error(`${name} could not accept`)
  await when(path('tenantadmins', at, name), isAccepted)
}

const customer = (at: Pick<Declared, 'namespace' | 'name'>) =>
  world.api.send('POST', path('tenants', at), {
    apiVersion,
    kind: 'Tenant',
    metadata: { name: at.name },
    spec: { displayName: 'A customer', provisioning: 'OnAccept' },
  })

/** Until all of it is in force. */
async function given(): Promise<Declared> {
  const [msp, name] = [newName(), newName()]
  await declareTenant(world, msp, { type: 'MSP' })
  await available(world, msp)
  const at = { namespace: `tenant-${msp}`, name }
  await admitted(at, `tom-${name}`, { role: 'Technician' })
  await customer(at)
  await admitted(at, `ada-${name}`, { tenantRef: { name } })
  await world.api.send('POST', path('accessgrants', at), {
    apiVersion,
    kind: 'AccessGrant',
    metadata: { name },
    spec: { type: 'Delegation', tenantRef: { name }, username: `tom-${name}` },
  })
  await when(path('accessgrants', at, name), ({ status }) => status?.['phase'] === 'Active')
  const made = await when(path('tenants', at, name), (each) => conditionOf(each, 'Ready')?.status === 'True')
  return { ...at, customer: made }
}

/** The operator is away afterwards. */
async function givenMeanwhile(): Promise<Declared> {
  await using _operator = await start()
  // Not before all is there the operator goes.
  return await given()
}

async function gone(at: string): Promise<void> {
  await eventually(async () => (await world.api.get(at)) === undefined, {
    ...longWait,
    describe: `${at} to be gone`,
  })
}

/** As the last resort of docs/how-to/uninstall.md does without an operator, for one tenant and all that was made for it. */
async function removeByHand({ name, customer: { metadata, status }, ...at }: Declared): Promise<void> {
  await world.api.send('DELETE', path('tenants', at, name))
  await world.api.send('PATCH', path('tenants', at, name), { metadata: { finalizers: null } })
  await gone(path('tenants', at, name))
  const selector = encodeURIComponent(`tenantry.dev/tenant-uid=${metadata.uid},app.kubernetes.io/component=claim`)
  const claims = `/api/v1/namespaces/${world.installation.namespace}/configmaps`
  for (const claim of await world.api.list(`${claims}?labelSelector=${selector}`))
    await world.api.send('DELETE', `${claims}/${claim.metadata.name}`)
  const namespace = `/api/v1/namespaces/${String(status?.['namespace'])}`
  const annotations = { 'tenantry.dev/allow-deletion': String(status?.['namespace']) }
  await world.api.send('PATCH', namespace, { metadata: { annotations } })
  await world.api.send('DELETE', namespace)
  await gone(namespace)
  const database = (status?.['database'] ?? {}) as {
    readonly name: string
    readonly roles: { readonly owner: string; readonly logins: { readonly a: string; readonly b: string } }
  } // of our own schema
  const { owner, logins } = database.roles
  await world.postgres.query(`DROP DATABASE ${database.name} WITH (FORCE)`)
  for (const role of [logins.a, logins.b, owner]) await world.postgres.query(`DROP ROLE ${role}`)
}

/** Nobody has anything in the new one, and who can be asked is. */
async function nothingIsOpen(declared: Declared, another: Stored): Promise<readonly string[]> {
  const { name } = declared
  const asked = await when(
    path('tenantadmins', declared, `ada-${name}`),
    (each) => inviteOf(each)['sequence'] === 2 && inviteOf(each)['sentAt'] !== undefined,
  )
  const grant = await when(path('accessgrants', declared, name), ({ status }) => status?.['phase'] === 'Refused')
  const resting = await when(
    path('tenants', declared, name),
    (each) => conditionOf(each, 'Ready')?.reason === 'AwaitingAcceptance',
  )
  return [
    String((asked.status?.['tenant'] as { readonly uid?: string } | undefined)?.uid === another.metadata.uid),
    String(conditionOf(asked, 'Ready')?.reason),
    String(conditionOf(grant, 'Stalled')?.reason),
    String(conditionOf(resting, 'AdminAccepted')?.status),
    String((await world.api.get(`/api/v1/namespaces/tenant-${name}`))?.metadata.name),
  ]
}

const closed = ['true', 'TenantReplaced', 'TenantReplaced', 'False', 'undefined']

async function opensByConsent(declared: Declared): Promise<void> {
  const { name } = declared
  const mails = (await world.mail.all()).filter(({ to }) => to.includes(addressOf(`ada-${name}`)))
  const answers = await Promise.all(mails.map(({ links }) => acceptInvite(links[0] ?? '')))
  if (answers.toSorted().join() !== 'accepted,dead') throw new Error(`the links were ${answers.join()}`)
  await when(path('tenants', declared, name), (each) => conditionOf(each, 'Ready')?.reason === 'Provisioned')
  const grant = await world.api.get(path('accessgrants', declared, name))
  if (grant?.status?.['phase'] !== 'Refused') throw new Error('what was granted is in force by itself')
}

test.serial('replaced while the operator is down', async (t) => {
  t.timeout(450_000)
  const declared = await givenMeanwhile()
  await removeByHand(declared)
  const another = await customer(declared)
  await using operator = await start()
  t.deepEqual(await nothingIsOpen(declared, another), closed)
  await opensByConsent(declared)
  t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
})

test.serial('replaced while the operator hears of everything ten seconds late', async (t) => {
  t.timeout(600_000)
  const declared = await givenMeanwhile()
  await using _operator = await start('test/faults/operator-that-hears-late.ts')
  await world.api.send('DELETE', path('tenants', declared, declared.name))
  await gone(path('tenants', declared, declared.name))
  const another = await customer(declared)
  t.deepEqual(await nothingIsOpen(declared, another), closed)
})

test.serial('deleted and taken back, it is the same tenant: nobody is asked, and what was granted stays', async (t) => {
  t.timeout(450_000)
  await using operator = await start()
  const declared = await given()
  const { name } = declared
  const [at, grantAt] = [path('tenants', declared, name), path('accessgrants', declared, name)]
  const secretAt = `/api/v1/namespaces/${String(declared.customer.status?.['namespace'])}/secrets/tenantry-database`
  const [grant, secret] = [await world.api.get(grantAt), await world.api.get(secretAt)]
  await world.api.send('PATCH', at, { spec: { deletion: { protected: true } } })
  await removePastPolicy(world, name, declared.namespace)
  await world.api.send('PATCH', at, { metadata: { annotations: { 'tenantry.dev/undo-deletion': name } } })
  await gone(at)
  const again = await customer(declared)
  await when(at, (each) => conditionOf(each, 'Ready')?.reason === 'Provisioned')
  const admin = await when(
    path('tenantadmins', declared, `ada-${name}`),
    (each) => (each.status?.['tenant'] as { readonly uid?: string } | undefined)?.uid === again.metadata.uid,
  )
  t.true(isAccepted(admin))
  t.is((await world.mail.all()).filter(({ to }) => to.includes(addressOf(`ada-${name}`))).length, 1)
  const after = await when(grantAt, ({ status }) => status?.['phase'] === 'Active')
  t.is(after.status?.['startedAt'], grant?.status?.['startedAt'])
  t.deepEqual((await world.api.get(secretAt))?.data, secret?.data)
  t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
})
