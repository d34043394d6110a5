import test from 'ava'
import { chartObjects } from '../harness/chart.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { startOperator } from '../harness/operator.ts'
import { grantedRights, refusals, usedRights } from '../harness/rights.ts'
import { eventually } from '../harness/wait.ts'
import { startWeb } from '../harness/web.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { password, signIn } from './sign-in-scene.ts'

const home = '/apis/tenantry.dev/v1alpha1/namespaces/customers'
const ours = { apiVersion: 'tenantry.dev/v1alpha1' }
const email = 'ben@bakery.example.com'

async function declare({ api }: World): Promise<void> {
  const spec = { displayName: 'The Corner Bakery' }
  await api.send('POST', `${home}/tenants`, { ...ours, kind: 'Tenant', metadata: { name: 'bakery' }, spec })
  const admin = { tenantRef: { name: 'bakery' }, username: 'ben', email }
  await api.send('POST', `${home}/tenantadmins`, {
    ...ours,
    kind: 'TenantAdmin',
    metadata: { name: 'ben' },
    spec: admin,
  })
}

test('the pages use every right that the chart gives them, and are refused nothing', async (t) => {
  t.timeout(400_000)
  await using world = await startWorld()
  await using operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web })
  await declare(world)
  const mail = await world.mail.waitFor(({ to }) => to.includes(email), { timeout: 120_000 })
  t.is(await acceptInvite(mail.links.find((link) => link.startsWith(operator.web)) ?? ''), 'accepted')
  const root = { username: 'root', email: '', user: 'tenantry:root', provider: 'local', subject: '' }
  await using pages = await startWeb({ cluster: world.cluster, signIn: { root } })
  await pages.ready()
  await eventually(async () => (await signIn(pages, email)).page.status === 200, { timeout: 120_000 })
  const { browser } = await signIn(pages, email)
  const form = await browser.visit(`${pages.url}/account/password`)
  const [first, second] = ['a second password of Ben’s', 'a third password of Ben’s']
  const change = (current: string, next: string) =>
    browser.submit(form, { current, password: next, passwordAgain: next }, '/account/password')
  await change(password, first)
  const again = await browser.visit(`${pages.url}/account/password`)
  await browser.submit(again, { current: first, password: second, passwordAgain: second }, '/account/password')
  const out = await browser.submit(await browser.visit(`${pages.url}/account`), {}, '/sign-out')
  t.regex(out.body, /You are signed out/)

  // A watch is in the log when it has ended.
  await pages.stop()
  await world.web.stop()
  const granted = grantedRights(await chartObjects({ namespace: world.installation.namespace }), 'web')
  const logged = async () => (await world.cluster.auditLog?.events()) ?? []
  const unused = async () => {
    const used = usedRights(await logged(), pages.user)
    // Where the server has WatchList, a watch begins with a list.
    return granted.filter((right) => !used.has(right) && !right.startsWith('list '))
  }
  await eventually(async () => (await unused()).length === 0, { timeout: 60_000 }).catch(() => undefined)
  t.deepEqual(await unused(), [], 'given and never used')
  const events = await logged()
  t.deepEqual(refusals(events, pages.user), [])
  const used = usedRights(events, pages.user)
  t.deepEqual([...used].filter((right) => !granted.includes(right)).toSorted(), [], 'used by the rights of others')
})
