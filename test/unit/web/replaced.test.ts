/** Links that went out for a tenant that is not there any more, but another of the same name. */
import test from 'ava'
import { acceptanceView } from '../../../operator/domain/acceptance.ts'
import type { Secret } from '../../../operator/kube/resources.ts'
import { tenant } from '../tenantadmin/gen.ts'
import { invited } from '../tenantadmin/story.ts'
import type { World } from '../tenantadmin/world.ts'
import { open, site, submit, tokenOf } from './site.ts'

const password = { password: 'violet harbour kettle', passwordAgain: 'violet harbour kettle' }
const second = '11111111-2222-3333-4444-555555555555'

const records = (world: World) => world.all<Secret>('Secret').flatMap((secret) => acceptanceView(secret) ?? [])

function putAnother(world: World, adopted: readonly string[]): void {
  const another = tenant({ status: { adopted } })
  world.put({ ...another, metadata: { ...another.metadata, uid: second } })
}

test('one that took the earlier one over: an open link works on, and what is accepted is accepted for this one', async (t) => {
  const world = await invited()
  const first = world.admin().status?.tenant?.uid ?? ''
  putAnother(world, [first])
  await world.settle()
  t.is(world.mails.length, 1)
  const app = await site(world)
  const { cookie, fields } = await open(app, tokenOf(world.mails[0]))
  const { statusCode } = await submit(app, cookie, { ...fields, ...password })
  t.is(statusCode, 303)
  t.deepEqual(
    records(world).map(({ tenantUid }) => tenantUid),
    [second],
  )
  await world.settle()
  t.is(world.admin().status?.invite?.status, 'Accepted')
})

test('one that did not: the link is dead, before and after the new one goes out', async (t) => {
  const world = await invited()
  putAnother(world, [])
  const app = await site(world)
  t.is((await open(app, tokenOf(world.mails[0]))).page.statusCode, 410)
  await world.pass(60_000)
  await world.settle()
  t.is((await open(app, tokenOf(world.mails[0]))).page.statusCode, 410)
  t.is((await open(app, tokenOf(world.mails[1]))).page.statusCode, 200)
})
