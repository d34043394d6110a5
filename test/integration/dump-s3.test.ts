/** Dumps in a bucket, on a real S3 server. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { parseRecord } from '../../operator/dump/record.ts'
import { createS3Target } from '../../operator/dump/s3.ts'
import type { S3Settings } from '../../operator/dump/s3.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { startS3 } from '../harness/s3.ts'
import type { S3Server } from '../harness/s3.ts'
import { eventually } from '../harness/wait.ts'
import { dumpRecord } from '../unit/dump/gen.ts'
import { failureOf, folder, orderOf, remains, scene, tenantWithData } from './dump-scene.ts'
import { soon } from './postgres-tenant.ts'

const postgres = await postgresForTests()
let s3: S3Server

test.before(async (t) => {
  t.timeout(600_000)
  s3 = await startS3((sentence) => t.log(sentence))
})
test.after.always(() => s3?.stop())

async function target(t: ExecutionContext, changes: Partial<S3Settings> = {}) {
  const { endpoint, region, bucket, accessKey, secretKey, ca } = s3
  const scratchFolder = await folder(t)
  const common = { endpoint, region, bucket, accessKey, secretKey, ca, scratchFolder, pathStyle: true }
  return { scratchFolder, target: createS3Target({ ...common, prefix: 'tenants/', ...changes }) }
}

test('A dump is kept in the bucket, verified, and not taken again', async (t) => {
  const { target: bucket, scratchFolder } = await target(t)
  const { server, dumper } = scene(t, postgres, bucket)
  const tenant = await tenantWithData(postgres, server)
  const order = orderOf(tenant)
  const record = await dumper.take(order, soon())
  const key = `tenants/${order.path}`
  t.is((await s3.object(key)).byteLength, record.bytes)
  t.deepEqual(parseRecord((await s3.object(`${key}.json`)).toString()), record)
  t.deepEqual(await dumper.take(order, soon()), record)
  t.deepEqual(await remains(postgres, tenant, scratchFolder), [])
})

// What takes this process up goes before the others, whose connections would wait for it.
test.serial('What is larger than a part is uploaded in parts', async (t) => {
  const { target: bucket } = await target(t)
  const file = join(await folder(t), 'large')
  await writeFile(file, Buffer.alloc(40 * 1024 * 1024, 'x'))
  const record = { ...dumpRecord, bytes: 40 * 1024 * 1024 }
  await bucket.keep(file, record, 'large.dump', soon())
  t.deepEqual(await bucket.find('large.dump', soon()), record)
  t.true(await bucket.isThere('large.dump', soon()))
  t.true((await s3.object('tenants/large.dump')).equals(await readFile(file)))
})

test('A manifest beside another dump than its own counts for nothing', async (t) => {
  const { target: bucket } = await target(t)
  const file = join(await folder(t), 'small')
  await writeFile(file, 'x')
  await bucket.keep(file, { ...dumpRecord, bytes: 2 }, 'damaged.dump', soon())
  t.is(await bucket.find('damaged.dump', soon()), undefined)
  t.false(await bucket.isThere('damaged.dump', soon()))
  t.is(await bucket.find('nowhere.dump', soon()), undefined)
})

const wrong: readonly (readonly [string, Partial<S3Settings>, string])[] = [
  ['wrong credentials', { secretKey: 'wrong' }, 'TargetRefused'],
  ['a bucket that is not there', { bucket: 'nowhere' }, 'TargetRefused'],
  ['a server that does not answer', { endpoint: 'https://localhost:1' }, 'TargetUnavailable'],
  ['a certificate that is not trusted', { ca: undefined }, 'TargetUnavailable'],
]
for (const [what, changes, reason] of wrong)
  test(`${what}: ${reason}, before anything is made on the server`, async (t) => {
    const { target: bucket } = await target(t, changes)
    const { server, dumper } = scene(t, postgres, bucket)
    const tenant = await tenantWithData(postgres, server)
    t.is(await failureOf(dumper.take(orderOf(tenant), soon())), reason)
    t.deepEqual(await remains(postgres, tenant), [])
  })

test.serial('An upload that is stopped leaves no parts', async (t) => {
  const { target: bucket } = await target(t)
  const file = join(await folder(t), 'large')
  await writeFile(file, Buffer.alloc(200 * 1024 * 1024, 'x'))
  const stop = new AbortController()
  const keeping = bucket.keep(file, { ...dumpRecord, bytes: 200 * 1024 * 1024 }, 'stopped.dump', stop.signal)
  setImmediate(() => stop.abort(new Error('stopping')))
  await t.throwsAsync(keeping, { message: 'stopping' })
  // The server may still be at work on what was cut off.
  const left = async () => (await s3.keys()).filter((key) => key.includes('stopped'))
  await eventually(async () => (await left()).length === 0, { describe: 'the parts to be gone' })
  t.deepEqual(await left(), [])
})
