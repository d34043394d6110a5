/** The faults that the harness brings about are what they are called. */
import test from 'ava'
import { startControlPlane } from '../harness/control-plane.ts'
import { startPostgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'

test.serial('after a compaction and a restart, a watch that resumes from before it gets 410', async (t) => {
  await using plane = await startControlPlane()
  await plane.kubectl(['create', 'configmap', 'one', '-n', 'default'])
  const path = ['get', 'configmap', 'one', '-n', 'default', '-o', 'jsonpath={.metadata.resourceVersion}']
  const old = await plane.kubectl(path)
  await plane.kubectl(['create', 'configmap', 'two', '-n', 'default'])
  await plane.etcdClient?.compact()
  await plane.restartApiServer()
  const watch = `/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=5&resourceVersion=${old}`
  const answer = await plane.kubectl(['get', '--raw', watch]).catch((error: unknown) => String(error))
  t.regex(answer, /"code":410|too old resource version/)
})

test.serial('a frozen kube-apiserver answers nothing, and goes on where it was', async (t) => {
  await using plane = await startControlPlane()
  plane.apiServer.pause()
  await t.throwsAsync(plane.kubectl(['get', 'namespaces'], { timeout: 1000 }))
  plane.apiServer.resume()
  t.regex(await plane.kubectl(['get', 'namespace', 'default', '-o', 'name']), /namespace\/default/)
})

test.serial('what a Secret holds is in etcd below its own key only', async (t) => {
  await using plane = await startControlPlane()
  await plane.kubectl(['create', 'secret', 'generic', 'one', '-n', 'default', '--from-literal=a=needle-in-etcd'])
  const entries = (await plane.etcdClient?.range('/registry/')) ?? []
  t.true(entries.length > 50)
  const holders = entries.filter(({ value }) => value.includes('needle-in-etcd')).map(({ key }) => key)
  t.deepEqual(holders, ['/registry/secrets/default/one'])
})

test('PostgreSQL ends its sessions when it goes down, and is back with its data', async (t) => {
  await using server = await startPostgres()
  await server.query('CREATE TABLE kept ()')
  await using session = await server.connect()
  await server.down()
  await t.throwsAsync(session.query('SELECT 1'))
  await t.throwsAsync(server.query('SELECT 1'), { code: 'ECONNREFUSED' })
  await server.up()
  t.deepEqual(await server.query('SELECT * FROM kept'), [])
  await server.down('immediate')
  await server.up()
  t.deepEqual(await server.query('SELECT * FROM kept'), [])
})

test('a frozen PostgreSQL answers nothing, and goes on where it was', async (t) => {
  await using server = await startPostgres()
  await using session = await server.connect()
  server.pause()
  let answered = false
  const answer = session.query('SELECT 1').then(() => (answered = true))
  await t.throwsAsync(server.query('SELECT 1'), { message: /timeout/ })
  t.false(answered)
  server.resume()
  t.true(await answer)
})

test('a read-only PostgreSQL refuses writes in sessions that exist too, and takes them afterwards', async (t) => {
  await using server = await startPostgres()
  await using session = await server.connect()
  await server.readOnly(true)
  await t.throwsAsync(session.query('CREATE TABLE one ()'), { code: '25006' })
  await server.readOnly(false)
  await eventually(() => session.query('CREATE TABLE one ()'))
  t.pass()
})

test('PostgreSQL that is out of connections says so', async (t) => {
  await using server = await startPostgres({ maxConnections: 5 })
  await using stack = new AsyncDisposableStack()
  const open = async (): Promise<void> => {
    for (let count = 0; count < 6; count++) stack.use(await server.connect(server.operator))
  }
  await t.throwsAsync(open, { code: '53300' })
})
