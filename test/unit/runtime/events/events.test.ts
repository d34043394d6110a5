import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import { events } from '../../../../operator/kube/resources.ts'
import { createEventRecorder, type NewEvent } from '../../../../operator/runtime/events/events.ts'
import { silent } from '../../../../operator/runtime/logging/log.ts'
import { FakeClock, seededRandom } from '../fake-clock.ts'
import { FakeKube } from '../fake-kube.ts'

const tenant = {
  apiVersion: 'tenantry.dev/v1alpha1',
  kind: 'Tenant',
  metadata: { namespace: 'ns', name: 'acme', uid: 'u1' },
}
const ready: NewEvent = {
  regarding: tenant,
  type: 'Normal',
  reason: 'Ready',
  action: 'Provision',
  note: 'It is ready.',
}

function recorderOver(kube = new FakeKube()) {
  const clock = new FakeClock()
  const recorder = createEventRecorder({
    kube,
    clock,
    random: seededRandom(),
    log: silent,
    reporting: { controller: 'tenantry.dev/operator', instance: 'pod-1' },
  })
  return { kube, clock, recorder, all: () => kube.list(events) }
}

test('an Event names the object, what was done and who says so', async (t) => {
  const { recorder, all } = recorderOver()
  recorder.record(ready)
  await recorder.flush()
  const [event, ...others] = await all()
  t.is(others.length, 0)
  t.like(event, {
    apiVersion: 'events.k8s.io/v1',
    eventTime: '2030-01-01T00:00:00.000000Z',
    reportingController: 'tenantry.dev/operator',
    reportingInstance: 'pod-1',
    action: 'Provision',
    reason: 'Ready',
    type: 'Normal',
    note: 'It is ready.',
    regarding: { kind: 'Tenant', namespace: 'ns', name: 'acme', uid: 'u1' },
  })
  t.is(event?.metadata.namespace, 'ns')
})

test('the same again becomes a series with two writes, then one every six minutes at most', async (t) => {
  const { kube, clock, recorder, all } = recorderOver()
  for (let seconds = 0; seconds < 600; seconds += 1) {
    recorder.record(ready)
    await clock.advance(1_000)
  }
  await recorder.flush()
  t.deepEqual(
    kube.calls.map((call) => call.split(' ')[0]),
    ['create', 'patch', 'patch'],
  )
  t.is((await all())[0]?.series?.count, 362)
})

test('what happens again after a long time is a new Event', async (t) => {
  const { clock, recorder, all } = recorderOver()
  recorder.record(ready)
  await clock.advance(600_000)
  recorder.record(ready)
  await recorder.flush()
  t.is((await all()).length, 2)
})

test('one object that talks too much is cut off at 25, others are heard', async (t) => {
  const { recorder, all } = recorderOver()
  for (let index = 0; index < 100; index += 1) recorder.record({ ...ready, note: `note ${index}` })
  recorder.record({ ...ready, regarding: { ...tenant, metadata: { ...tenant.metadata, name: 'b', uid: 'u2' } } })
  await recorder.flush()
  const names = (await all()).map(({ regarding }) => regarding.name)
  t.is(names.filter((name) => name === 'acme').length, 25)
  t.is(names.filter((name) => name === 'b').length, 1)
})

test('an Event that cannot be written is forgotten; the next is tried', async (t) => {
  const { kube, recorder, all } = recorderOver()
  kube.before = () => {
    throw new KubeError('Forbidden', 'no', 403)
  }
  recorder.record(ready)
  await recorder.flush()
  kube.before = () => {}
  recorder.record({ ...ready, reason: 'Other' })
  await recorder.flush()
  t.deepEqual(
    (await all()).map(({ reason }) => reason),
    ['Other'],
  )
})

test('a note is cut to 1,024 bytes between characters', async (t) => {
  const { recorder, all } = recorderOver()
  recorder.record({ ...ready, note: `x${'ä'.repeat(900)}` })
  await recorder.flush()
  const note = (await all())[0]?.note ?? ''
  t.true(Buffer.byteLength(note) <= 1024)
  t.regex(note, /^xä+…$/)
})

test('an Event about an object without a namespace lies in default', async (t) => {
  const { recorder, all } = recorderOver()
  recorder.record({ ...ready, regarding: { ...tenant, metadata: { name: 'small', uid: 'p' } } })
  await recorder.flush()
  t.is((await all())[0]?.metadata.namespace, 'default')
})

test('a wall clock that is set back holds no Event up', async (t) => {
  const { clock, recorder, all } = recorderOver()
  const tell = (note: string) => recorder.record({ ...ready, note })
  tell('before')
  clock.setWall(clock.now() - 86_400_000)
  for (const note of ['one', 'two', 'three']) tell(note)
  await clock.advance(3_600_000)
  tell('before')
  await recorder.flush()
  t.deepEqual(
    (await all()).map(({ note }) => note),
    ['before', 'one', 'two', 'three', 'before'],
  )
})
