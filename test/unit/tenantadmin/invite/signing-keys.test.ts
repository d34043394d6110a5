import test from 'ava'
import type { KubeReader } from '../../../../operator/kube/port.ts'
import { newKeysSecret } from '../../../../operator/tenantadmin/invite/keyring.ts'
import { createKeyReader } from '../../../../operator/tenantadmin/invite/signing-keys.ts'

const secretWith = (id: string) => newKeysSecret({ id, secret: Buffer.alloc(32, id) }, 'operators', 'main')

/** A reader of a Secret that the test changes, and answers when the test says so. */
function ground() {
  const state = { secret: secretWith('aaaaaaaa'), now: 0, reads: 0, answer: Promise.resolve() }
  const get = (async () => {
    state.reads += 1
    const { secret } = state
    await state.answer
    return secret
  }) as unknown as KubeReader['get'] // one kind only
  return { state, keys: createKeyReader({ get }, { monotonic: () => state.now }, 'operators') }
}

test('The Secret is read once in two seconds', async (t) => {
  const { state, keys } = ground()
  await keys()
  state.now = 1999
  state.secret = secretWith('bbbbbbbb')
  t.is((await keys()).current?.id, 'aaaaaaaa')
  state.now = 2000
  t.is((await keys()).current?.id, 'bbbbbbbb')
  t.is(state.reads, 2)
})

test('Told that it has changed, the next to ask gets it as it is', async (t) => {
  const { state, keys } = ground()
  await keys()
  state.secret = secretWith('bbbbbbbb')
  keys.forget()
  t.is((await keys()).current?.id, 'bbbbbbbb')
})

test('An answer that was on its way when the change was told is not kept', async (t) => {
  const { state, keys } = ground()
  const { promise, resolve } = Promise.withResolvers<void>()
  state.answer = promise
  const early = keys()
  state.secret = secretWith('bbbbbbbb')
  keys.forget()
  resolve()
  t.is((await early).current?.id, 'aaaaaaaa')
  t.is((await keys()).current?.id, 'bbbbbbbb')
})
