import test from 'ava'
import { Registry } from 'prom-client'
import type { KubeObject, Resource } from '../../../../operator/kube/port.ts'
import { done } from '../../../../operator/runtime/queue/reconcile.ts'
import { StatusGuard } from '../../../../operator/runtime/controller/status-guard.ts'
import { FakeClock } from '../fake-clock.ts'
import { FakeKube } from '../fake-kube.ts'

const things: Resource = { apiVersion: 'v1', kind: 'Thing', plural: 'things', namespaced: true }

async function scene() {
  const clock = new FakeClock()
  const registry = new Registry()
  const lines: string[] = []
  const log = { warn: (message: string) => void lines.push(message) }
  const guard = new StatusGuard({ clock, log, registry })
  const server = new FakeKube()
  const kube = guard.watching(server)
  const metadata = { namespace: 'ns', name: 'a', generation: 1 }
  let object = await server.create<KubeObject>(things, { apiVersion: 'v1', kind: 'Thing', metadata })
  const passes: number[] = []
  const reconcile = guard.slowing({ get: () => object }, async () => {
    passes.push(clock.monotonic())
    await kube.patch(things, metadata, { status: { passes: passes.length } }, 'status')
    return done
  })
  /** As often as its own writes wake it. */
  const loop = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      const { requeueAfter = 10 } = await reconcile('ns/a', new AbortController().signal)
      await clock.advance(requeueAfter)
    }
  }
  const edit = async (): Promise<void> => {
    object = await server.patch(things, metadata, { metadata: { generation: 2 } })
  }
  const counted = async () => (await registry.getSingleMetric('tenantry_status_writes_slowed_total')?.get())?.values
  return { clock, lines, passes, loop, edit, counted }
}

test('a loop of status writes is slowed to one in five seconds, logged once and counted', async (t) => {
  const { lines, passes, loop, counted } = await scene()
  await loop(60)
  t.deepEqual(lines, [])
  await loop(20)
  t.is(lines.length, 1)
  t.deepEqual(await counted(), [{ labels: { kind: 'Thing' }, value: 1 }])
  const pauses = passes.slice(61).map((time, index) => time - (passes[60 + index] ?? 0))
  t.true(pauses.length > 5)
  for (const pause of pauses) t.true(pause >= 5_000, `${pause}`)
})

test('it stays slow for as long as it would go on, and is as before after a minute of rest', async (t) => {
  const { clock, lines, passes, loop } = await scene()
  await loop(61)
  await loop(100)
  t.is(lines.length, 1)
  await clock.advance(60_000)
  const before = passes.length
  await loop(3)
  t.is(passes.length, before + 3)
})

test('an edit of the spec is worked on at once', async (t) => {
  const { passes, loop, edit } = await scene()
  await loop(62)
  const before = passes.length
  await edit()
  await loop(1)
  t.is(passes.length, before + 1)
})
