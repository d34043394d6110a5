import test from 'ava'
import { createLogger, type LogLevel } from '../../../../operator/runtime/logging/log.ts'
import { scrub, scrubText } from '../../../../operator/runtime/base/redact.ts'

function logTo(level: LogLevel) {
  const lines: string[] = []
  const log = createLogger({ level, destination: { write: (line) => void lines.push(line) } })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}

test('a line is one JSON object with level, time, msg and its fields', (t) => {
  const { log, lines, last } = logTo('info')
  log.with({ controller: 'tenant' }).info('done', { key: 'ns/a' })
  t.is(lines.length, 1)
  t.like(last(), { level: 'info', msg: 'done', controller: 'tenant', key: 'ns/a' })
  t.regex(String(last()['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('lines below the level are not written', (t) => {
  const { log, lines } = logTo('warn')
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  t.is(lines.length, 2)
})

test('an error is its name, message, codes and causes; its stack only at debug', (t) => {
  const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: '42P04' })
  const quiet = logTo('info')
  quiet.log.error('failed', { error })
  t.deepEqual(quiet.last()['error'], {
    name: 'Error',
    message: 'outer',
    code: '42P04',
    cause: { name: 'TypeError', message: 'inner' },
  })
  const chatty = logTo('debug')
  chatty.log.error('failed', { error })
  t.like(chatty.last()['error'], { name: 'Error' })
  t.true(JSON.stringify(chatty.last()).includes('stack'))
})

const secret = 'correct-horse-battery'
const leaks: Record<string, Record<string, unknown>> = {
  'a field called password': { password: secret },
  'a nested one': { spec: { database: { adminPassword: secret } } },
  'one in a list': { users: [{ token: secret }] },
  'an access_token': { access_token: secret },
  'a client secret': { clientSecret: secret },
  'a license key': { licenseKey: secret },
  'an Authorization header': { headers: { Authorization: `Bearer ${secret}` } },
  'a cookie': { headers: { cookie: `t=${secret}` } },
  'data of a Secret being written': { stringData: { uri: secret } },
  'a connection string in a text': { note: `cannot connect to postgres://t_a:${secret}@db:5432/t` },
  'a bearer token in a text': { note: `sent Bearer ${secret}` },
  'an error whose message has one': { error: new Error(`postgres://u:${secret}@db refused`) },
}

for (const [what, fields] of Object.entries(leaks)) {
  test(`never written: ${what}`, (t) => {
    const { log, lines } = logTo('debug')
    log.info('trying', fields)
    t.false(lines.join('').includes(secret))
    t.true(lines.join('').includes('[redacted]'))
  })
}

test('the message itself is scrubbed, whatever is interpolated', (t) => {
  const { log, lines } = logTo('info')
  log.info(`dial postgres://u:${secret}@db`)
  t.false(lines.join('').includes(secret))
})

test('shapes of secrets are found, ordinary text is left alone', (t) => {
  for (const text of [
    'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
    'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy',
    '-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----',
  ]) {
    t.is(scrubText(text), '[redacted]')
  }
  const plain = 'Tenant acme: host acme.example.com, port 5432, key ns/acme, at 10:15:00, mail to a@example.com'
  t.is(scrubText(plain), plain)
})

test('what helps is kept: keys of objects, names of Secrets, counts', (t) => {
  const fields = { key: 'ns/a', secretName: 'tenant-db', keyId: 'k1', attempts: 3, uid: 'u' }
  t.deepEqual(scrub(fields), fields)
})
