/** The definition of Tenants is deleted, with all Tenants in it: nobody meant the data. */
import test from 'ava'
import { eventually } from '../harness/wait.ts'
import { available, declareTenant, newName } from './life.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

const definition = 'tenants.tenantry.dev'

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  world = await startRunningWorld()
})
test.after.always(() => world?.[Symbol.asyncDispose]())

function text(values: Readonly<Record<string, string>> | undefined, key: string): string {
  return Buffer.from(values?.[key] ?? '', 'base64').toString()
}

test('a definition that goes takes no namespace, no database and no login with it, and nothing hangs', async (t) => {
  t.timeout(300_000)
  const { api, cluster, postgres } = world
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  const namespace = `tenant-${name}`
  const [secret] = await api.list(
    `/api/v1/namespaces/${namespace}/secrets?fieldSelector=type=servicebinding.io/postgresql`,
  )
  const account = { user: text(secret?.data, 'username'), password: text(secret?.data, 'password') }
  const database = text(secret?.data, 'database')
  {
    await using session = await postgres.connect({ ...account, database })
    await session.query('CREATE TABLE kept AS SELECT 42 AS answer')
  }
  const refused = await t.throwsAsync(cluster.kubectl(['delete', 'crd', definition, '--wait=false']))
  t.true(refused.message.includes('tenantry.dev/allow-deletion'), refused.message)

  await cluster.kubectl(['annotate', 'crd', definition, `tenantry.dev/allow-deletion=${definition}`])
  await cluster.kubectl(['delete', 'crd', definition, '--wait=false'])
  const crd = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition}`
  await eventually(async () => (await api.get(crd)) === undefined, {
    timeout: 60_000,
    describe: 'the definition to go',
  })

  t.is((await api.get(`/api/v1/namespaces/${namespace}`))?.metadata.deletionTimestamp, undefined)
  await using session = await postgres.connect({ ...account, database })
  t.deepEqual((await session.query('SELECT answer FROM kept')).rows, [{ answer: 42 }])
  const claims = await api.list('/api/v1/namespaces/tenantry-system/configmaps')
  t.true(claims.some(({ metadata }) => metadata.name === `claim-cloud-id-${name}`))
})
