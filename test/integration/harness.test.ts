import test from 'ava'
import { createTransport } from 'nodemailer'
import pg from 'pg'
import { countBy } from '../harness/audit-log.ts'
import { harness, testNamespace, uniqueName } from '../harness/context.ts'
import { startMail } from '../harness/mail.ts'
import type { MailServer } from '../harness/mail.ts'
import { startToxiproxy } from '../harness/toxiproxy.ts'

test('RBAC is on: a ServiceAccount that nothing is bound to may read no Secret', async (t) => {
  const { cluster } = harness()
  const namespace = await testNamespace(t)
  await cluster.kubectl(['create', 'serviceaccount', 'nobody', '-n', namespace])
  const kubeconfigPath = await cluster.kubeconfigFor({ namespace, name: 'nobody' })
  const who = await cluster.kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], {
    kubeconfigPath,
  })
  t.is(who, `system:serviceaccount:${namespace}:nobody`)
  await t.throwsAsync(cluster.kubectl(['get', 'secrets', '-A'], { kubeconfigPath }), { message: /Forbidden/ })
})

test('a cluster of our own counts the writes of a client by its audit log', async (t) => {
  const { auditLog, kubectl } = harness().cluster
  if (!auditLog) {
    t.pass('the cluster is not ours')
    return
  }
  const mark = await auditLog.mark()
  const namespace = await testNamespace(t)
  await kubectl(['create', 'configmap', 'one', '-n', namespace])
  await kubectl(['delete', 'configmap', 'one', '-n', namespace])
  const ours = (await auditLog.writes(mark)).filter((event) => event.namespace === namespace && event.user === 'admin')
  const counts = countBy(ours, ({ verb, resource }) => `${verb} ${resource}`)
  t.is(counts.get('create configmaps'), 1)
  t.is(counts.get('delete configmaps'), 1)
  t.regex(ours[0]?.userAgent ?? '', /^kubectl\//)
})

test('controllers work: a namespace gets the authority that its clients verify', async (t) => {
  const { kubectl, ca } = harness().cluster
  const namespace = await testNamespace(t)
  await kubectl(['wait', 'configmap/kube-root-ca.crt', '-n', namespace, '--for=create', '--timeout=50s'])
  const args = ['get', 'configmap', 'kube-root-ca.crt', '-n', namespace, '-o', 'jsonpath={.data.ca\\.crt}']
  t.is((await kubectl(args)).trim(), ca.trim())
})

test("the operator's account may create databases and roles, and is no superuser", async (t) => {
  const { postgres } = harness()
  const name = uniqueName('harness')
  await using session = await postgres.connect(postgres.operator)
  const { rows } = await session.query<Record<string, boolean>>(
    'SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = current_user',
  )
  const expected = {
    rolcreatedb: true,
    rolcreaterole: true,
    rolsuper: false,
    rolreplication: false,
    rolbypassrls: false,
  }
  t.deepEqual({ ...rows[0] }, expected)
  await session.query(`CREATE DATABASE "${name}" TEMPLATE template0 ALLOW_CONNECTIONS false`)
  await session.query(`DROP DATABASE "${name}"`)
  await t.throwsAsync(session.query(`COPY pg_class TO PROGRAM 'true'`), { code: '42501' })
})

test('PUBLIC may connect to no database', async (t) => {
  const open = await harness().postgres.query(
    `SELECT datname FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS acl
     WHERE acl.grantee = 0 AND acl.privilege_type = 'CONNECT' AND datname IN ('postgres', 'template0', 'template1')`,
  )
  t.deepEqual(open, [])
})

test('PostgreSQL is reached over TLS whose certificate is verified, and in no other way', async (t) => {
  const { postgres } = harness()
  const [row] = await postgres.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
  t.true(row?.ssl)
  const uri = (parameters: string): string => {
    const { host, port, operator } = postgres
    return `postgres://${operator.user}:${operator.password}@${host}:${port}/postgres?${parameters}`
  }
  const verified = new pg.Client(uri(`sslmode=verify-full&sslrootcert=${postgres.caPath}`))
  await verified.connect()
  await verified.end()
  await t.throwsAsync(new pg.Client(uri('sslmode=verify-full')).connect(), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await t.throwsAsync(new pg.Client(uri('sslmode=disable')).connect(), { code: '28000' })
})

function transportTo(relay: { host: string; port: number; ca: string }) {
  return createTransport({ host: relay.host, port: relay.port, requireTLS: true, tls: { ca: relay.ca } })
}

const letter = { from: 'msp@example.com', subject: 'Grüße', text: 'Follow https://example.com/accept?t=1 please' }

test('the shared relay catches mail, read over STARTTLS that is verified', async (t) => {
  const { mail } = harness()
  const to = `${uniqueName()}@example.com`
  const info = await transportTo(mail).sendMail({ ...letter, to })
  const caught = await mail.waitFor((each) => each.to.includes(to), { describe: `mail to ${to}` })
  t.is(caught.subject, 'Grüße')
  t.deepEqual(caught.links, ['https://example.com/accept?t=1'])
  t.is(caught.messageId, info.messageId)
  t.true(caught.tls)
})

async function relayFor(t: { teardown(clean: () => Promise<void>): void }): Promise<MailServer> {
  const relay = await startMail()
  t.teardown(() => relay.stop())
  return relay
}

test('a relay answers as it is told, to one recipient or to all, and as often', async (t) => {
  const relay = await relayFor(t)
  const send = (to: string) => transportTo(relay).sendMail({ ...letter, to })
  const end = relay.fault({ recipient: 'bad@example.com', effect: { reply: 550, text: 'no such user' } })
  await t.throwsAsync(send('bad@example.com'), { message: /550 .*no such user/ })
  await send('good@example.com')
  end()
  relay.fault({ at: 'data', times: 1, effect: { reply: 451 } })
  await t.throwsAsync(send('bad@example.com'), { message: /451/ })
  await send('bad@example.com')
  relay.fault({ at: 'connect', effect: { reply: 421 } })
  await t.throwsAsync(send('good@example.com'), { message: /421/ })
  t.deepEqual(
    (await relay.all()).map((mail) => mail.to),
    [['good@example.com'], ['bad@example.com']],
  )
})

test('a relay that drops the connection before its 250 has the mail all the same', async (t) => {
  const relay = await relayFor(t)
  relay.fault({ at: 'data', times: 1, effect: 'drop' })
  await t.throwsAsync(transportTo(relay).sendMail({ ...letter, to: 'a@example.com' }))
  const [caught] = await relay.all()
  t.false(caught?.acknowledged)
})

test('a relay that is down refuses, and is back at the same port', async (t) => {
  const relay = await relayFor(t)
  await relay.down()
  await t.throwsAsync(transportTo(relay).sendMail({ ...letter, to: 'a@example.com' }), { message: /ECONNREFUSED/ })
  await relay.up()
  await transportTo(relay).sendMail({ ...letter, to: 'a@example.com' })
  t.is((await relay.all()).length, 1)
})

test('a relay with an account and implicit TLS takes mail from nobody else', async (t) => {
  const account = { user: 'tenantry', password: 'a relay password' }
  await using relay = await startMail({ tls: 'implicit', account })
  const send = (pass: string) =>
    createTransport({
      host: relay.host,
      port: relay.port,
      secure: true,
      tls: { ca: relay.ca },
      auth: { user: account.user, pass },
    }).sendMail({ ...letter, to: 'a@example.com' })
  await t.throwsAsync(send('another one'), { code: 'EAUTH' })
  await send(account.password)
  t.is((await relay.all())[0]?.user, 'tenantry')
})

test('toxiproxy cuts a connection, swallows data without an end, and lets new connections pass', async (t) => {
  const { postgres } = harness()
  await using toxiproxy = await startToxiproxy()
  const proxy = await toxiproxy.proxy('postgres', `127.0.0.1:${postgres.port}`)
  const connect = async (): Promise<pg.Client> => {
    const ssl = { ca: postgres.ca, servername: 'localhost' }
    const client = new pg.Client({
      ...postgres.superuser,
      host: proxy.host,
      port: proxy.port,
      database: 'postgres',
      ssl,
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const first = await connect()
  await first.query('SELECT 1')
  await proxy.cut()
  await t.throwsAsync(first.query('SELECT 1'))
  const second = await connect()
  const heal = await proxy.toxic('timeout', { timeout: 0 })
  const answer = second.query('SELECT 1').then(
    () => 'an answer',
    () => 'an end',
  )
  const silence = new Promise<string>((resolve) => setTimeout(() => resolve('silence'), 300))
  t.is(await Promise.race([answer, silence]), 'silence')
  await heal()
  await answer
  await second.end().catch(() => undefined)
  const third = await connect()
  t.is((await third.query('SELECT 1')).rowCount, 1)
  await third.end()
})
