import test from 'ava'
import { fc } from '../../random.ts'
import { configMaps, type ConfigMap } from '../../../operator/kube/resources.ts'
import { watchEvents } from '../../../operator/kube/watch-stream.ts'
import type { WatchEvent } from '../../../operator/kube/watcher.ts'

const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns', name } })
const line = (type: string, content: object) => `${JSON.stringify({ type, object: content })}\n`

async function read(chunks: Iterable<Uint8Array>, signal = new AbortController().signal) {
  const events: WatchEvent<ConfigMap>[] = []
  const stream = (async function* () {
    yield* chunks
  })()
  for await (const event of watchEvents(stream, configMaps, signal)) events.push(event)
  return events
}

test('events are the same wherever the bytes are cut, in the middle of a character too', async (t) => {
  const bytes = Buffer.from(
    line('ADDED', object('größe-☃')) + line('MODIFIED', object('b')) + line('DELETED', object('c')),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const events = await read(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))
      t.deepEqual(
        events.map((event) => [event.type, event.type === 'BOOKMARK' ? '' : event.object.metadata.name]),
        [
          ['ADDED', 'größe-☃'],
          ['MODIFIED', 'b'],
          ['DELETED', 'c'],
        ],
      )
    }),
    { numRuns: 50 },
  )
})

test('a bookmark tells its version, and whether the initial events are over', async (t) => {
  const bookmark = (annotations: object) =>
    Buffer.from(line('BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '42', annotations } }))
  t.deepEqual(await read([bookmark({}), bookmark({ 'k8s.io/initial-events-end': 'true' })]), [
    { type: 'BOOKMARK', resourceVersion: '42', initialEventsEnd: false },
    { type: 'BOOKMARK', resourceVersion: '42', initialEventsEnd: true },
  ])
})

test('a line that was cut off is no event', async (t) => {
  t.is((await read([Buffer.from(line('ADDED', object('a')) + '{"type":"ADD')])).length, 1)
})

test('an ERROR ends the watch with its reason', async (t) => {
  const error = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })
  await t.throwsAsync(read([Buffer.from(error)]), { message: /watch configmaps/ })
})
