import test from 'ava'
import { fence, fenced } from '../../../../operator/runtime/leadership/fence.ts'
import { configMaps } from '../../../../operator/kube/resources.ts'
import { FakeKube } from '../fake-kube.ts'
import { LostLeadership } from '../../../../operator/runtime/base/effect-check.ts'

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns', name: 'a' } }
const key = { namespace: 'ns', name: 'a' }

test('each write is refused while another leads, and none reaches the server', async (t) => {
  const kube = new FakeKube()
  const writer = fenced(kube, { isLeader: () => false })
  const writes = {
    create: () => writer.create(configMaps, object),
    replace: () => writer.replace(configMaps, object),
    patch: () => writer.patch(configMaps, key, {}),
    delete: () => writer.delete(configMaps, key, { uid: 'x' }),
    createSubresource: () => writer.createSubresource(configMaps, key, 'x', {}),
  }
  for (const [verb, write] of Object.entries(writes)) {
    await t.throwsAsync(write(), { instanceOf: LostLeadership }, verb)
  }
  t.deepEqual(kube.calls, [])
})

test('the question is asked before each effect, not once', async (t) => {
  const kube = new FakeKube()
  let leads = true
  const writer = fenced(kube, { isLeader: () => leads })
  const { metadata } = await writer.create(configMaps, object)
  leads = false
  await t.throwsAsync(writer.delete(configMaps, key, { uid: metadata.uid ?? '' }), { instanceOf: LostLeadership })
  leads = true
  t.true(await writer.delete(configMaps, key, { uid: metadata.uid ?? '' }))
})

test('any port can be fenced; its private state and its other members stay reachable', async (t) => {
  class Mailbox {
    readonly #sent: string[] = []
    readonly name = 'mailbox'
    async send(text: string): Promise<number> {
      return this.#sent.push(text)
    }
  }
  let open = true
  const mailbox = fence(new Mailbox(), () => {
    if (!open) throw new LostLeadership()
  })
  t.is(await mailbox.send('one'), 1)
  t.is(mailbox.name, 'mailbox')
  open = false
  await t.throwsAsync(mailbox.send('two'), { instanceOf: LostLeadership })
})
