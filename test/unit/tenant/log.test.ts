/** What the log has of a tenant's life: a line for each effect, with its reason, and nothing of what found nothing to do. */
import test from 'ava'

import { logLines } from '../../../operator/api/log-lines.ts'
import { annotations } from '../../../operator/api/names.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { tenant, tenantAdmin } from '../../gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

async function provisioned(): Promise<World> {
  const world = ground()
  world.cluster.put(tenantAdmin())
  world.cluster.put(tenant())
  await world.settle()
  return world
}

/** The lines since the last call, as `why: message`, with the object where there is one. */
function said({ lines }: World): readonly string[] {
  return lines.splice(0).map(({ message, fields }) => {
    const object = fields['object'] ?? fields['claim']
    return `${String(fields['why'])}: ${message}${typeof object === 'string' ? ` ${object}` : ''}`
  })
}

test('a whole life: made, given a new password, turned off, deleted, in exactly these lines', async (t) => {
  const world = await provisioned()
  t.snapshot(said(world), 'made')
  const made = world.tenant()
  world.cluster.put({
    ...made,
    metadata: { ...made.metadata, annotations: { [annotations.rotateRequestedAt]: '2030-01-01T00:00:00Z' } },
  })
  await world.settle()
  t.snapshot(said(world), 'a new password')
  world.edit({ state: 'Deactivated' })
  await world.settle()
  t.snapshot(said(world), 'turned off')
  world.cluster.remove('Tenant', 'home/acme')
  await world.settle()
  t.snapshot(said(world), 'deleted')
})

test('each line says whose it is, why, and how long it took, and has the fields that the reference names', async (t) => {
  const world = await provisioned()
  for (const { message, fields } of world.lines) {
    const line = Object.values(logLines.Tenant).find((each) => each.message === message)
    t.truthy(line, message)
    const own = [...(line?.fields ?? []), 'tenant', 'uid', 'why', 'durationMs']
    t.deepEqual(Object.keys(fields).toSorted(), own.toSorted())
    t.is(fields['tenant'], 'home/acme')
    t.is(fields['uid'], world.tenant().metadata.uid)
    t.is(typeof fields['durationMs'], 'number')
  }
})

test('no password, nobody’s name and nobody’s address is in a line', async (t) => {
  const world = await provisioned()
  world.edit({ state: 'Deactivated' })
  await world.settle()
  const secret = world.cluster.find<Secret>('Secret', 'tenant-acme/tenantry-database')
  const password = Buffer.from(secret?.data?.['password'] ?? '', 'base64').toString()
  const { email, username, lastName } = tenantAdmin().spec
  const text = JSON.stringify(world.lines)
  t.true(password.length > 20)
  for (const never of [password, email, `"${username}"`, lastName ?? 'Doe', tenant().spec.displayName])
    t.false(text.includes(never), never)
})

test('at rest the log is silent, also after a restart', async (t) => {
  const world = await provisioned()
  said(world)
  for (let pass = 0; pass < 3; pass += 1) await world.pass()
  world.restart()
  await world.settle()
  t.deepEqual(said(world), [])
})
