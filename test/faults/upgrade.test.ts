/**
 * The upgrade from a version that kept the acceptances and the signing keys in the operator's namespace: they move before
 * anything is decided by them.
 */
import test from 'ava'
import type { Secret } from '../../operator/kube/resources.ts'
import { webNamespaceOf } from '../harness/chart.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { startOperator } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { accept, addressOf, adminOf, available, declare, inviteOf, newName } from './life.ts'

const secretsIn = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`
const isRecord = ({ type }: Secret) => ['tenantry.dev/acceptance', 'tenantry.dev/signing-keys'].includes(type ?? '')

const recordsIn = async ({ api }: World, namespace: string) =>
  (await api.list<Secret>(secretsIn(namespace))).filter(isRecord)

/**
 * Puts records where the earlier version had them. A running operator must not find one in both places: it drops the former.
 */
async function setBack(world: World, from: string, to: string, which = isRecord): Promise<number> {
  const records = (await recordsIn(world, from)).filter(which)
  for (const { metadata, type, immutable, data } of records) {
    const { name, labels, annotations } = metadata
    await world.api.send('DELETE', `${secretsIn(from)}/${name}`)
    await world.api.send('POST', secretsIn(to), {
      apiVersion: 'v1',
      kind: 'Secret',
      type,
      immutable,
      metadata: { name, labels, annotations },
      data,
    })
  }
  return records.length
}

test('who has accepted stays so, an open link stays good, and nobody is asked again', async (t) => {
  t.timeout(400_000)
  await using world = await startWorld()
  const { namespace } = world.installation
  const pages = webNamespaceOf(namespace)
  const [accepted, invited] = [newName(), newName()]
  const start = () => startOperator({ cluster: world.cluster, mail: world.mail, web: world.web })
  {
    await using _first = await start()
    for (const name of [accepted, invited]) await declare(world, name)
    await accept(world, accepted)
    await available(world, accepted)
    await eventually(async () => inviteOf(await adminOf(world, accepted))['status'] === 'Accepted', {
      timeout: 60_000,
      describe: 'the acceptance to be carried over',
    })
    await world.mail.waitFor(({ to }) => to.includes(addressOf(invited)), { timeout: 60_000 })
  }
  t.is(await setBack(world, pages, namespace), 2, 'an acceptance and the keys')
  const before = (await world.mail.all()).length

  await using second = await start()
  await eventually(async () => (await recordsIn(world, namespace)).length === 0, {
    timeout: 60_000,
    describe: 'the records to leave the namespace of the operator',
  })
  t.deepEqual((await recordsIn(world, pages)).map(({ type }) => String(type)).toSorted(), [
    'tenantry.dev/acceptance',
    'tenantry.dev/signing-keys',
  ])
  t.regex(await second.logs(), /"count":2.*records moved to the namespace of the pages/)
  t.is(inviteOf(await adminOf(world, accepted))['status'], 'Accepted')
  const [mail] = (await world.mail.all()).filter(({ to }) => to.includes(addressOf(invited)))
  t.is(await acceptInvite(mail?.links[0] ?? ''), 'accepted')
  await available(world, invited)

  // A process of the earlier version, which still runs for a moment, takes an acceptance.
  t.is(await setBack(world, pages, namespace, ({ type }) => type === 'tenantry.dev/acceptance'), 2)
  await eventually(async () => (await recordsIn(world, pages)).length === 3, {
    timeout: 60_000,
    describe: 'the late records to move too',
  })
  t.is((await world.mail.all()).length, before, 'no mail goes again')
  t.deepEqual(await violations(world, { logs: await second.logs() }), [])
})
