import test from 'ava'
import { parseConfig } from '../../../operator/config/config.ts'
import { ConfigError } from '../../../operator/config/read-environment.ts'

const least = {
  TENANTRY_NAMESPACE: 'tenantry-system',
  TENANTRY_POD_UID: 'b1a7',
  TENANTRY_BASE_DOMAIN: 'example.com',
  TENANTRY_PUBLIC_URL: 'https://tenantry.example.com/',
}
const noFile = () => {
  throw new Error('no such file')
}

function problems(env: Record<string, string>, readFile: (path: string) => string = noFile): readonly string[] {
  try {
    parseConfig({ ...least, ...env }, readFile)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('four settings are enough, the others have defaults that work', (t) => {
  const config = parseConfig(least, noFile)
  t.is(config.namespacePrefix, 'tenant-')
  t.is(config.invite.lifetime, 7 * 24 * 3_600_000)
  t.is(config.publicUrl, 'https://tenantry.example.com')
  t.is(config.smtp, undefined)
  t.deepEqual(config.deletionBrake, { installation: 5, msp: 3, window: 600_000, releaseAfter: undefined })
  t.deepEqual(config.deletion, { grace: 0, finalDump: false })
  t.deepEqual(config.dns, { namespaces: ['kube-system'], addresses: [], ports: [53] })
  t.true(Object.isFrozen(config))
})

test('a value that the chart renders empty counts as not set', (t) => {
  t.is(parseConfig({ ...least, TENANTRY_NAMESPACE_PREFIX: '' }, noFile).namespacePrefix, 'tenant-')
})

test('where DNS is: an address alone is a block of one, and what is none is told', (t) => {
  const { dns } = parseConfig(
    { ...least, TENANTRY_DNS_PORTS: '53,5353', TENANTRY_DNS_ADDRESSES: '169.254.20.10, fd00::a,10.96.0.0/12' },
    noFile,
  )
  t.deepEqual(dns.ports, [53, 5353])
  t.deepEqual(dns.addresses, ['169.254.20.10/32', 'fd00::a/128', '10.96.0.0/12'])
  const wrong = ['10.0.0.0/33', '10.0.0', '10.0.0.1/8/8', 'dns.example.com', '10.0.0.1/']
  for (const text of wrong)
    t.deepEqual(problems({ TENANTRY_DNS_ADDRESSES: text, TENANTRY_DNS_PORTS: '53,0' }), [
      'TENANTRY_DNS_ADDRESSES is not a list of IP addresses or blocks such as 169.254.20.10,10.96.0.10/32.',
      'TENANTRY_DNS_PORTS is not a list of port numbers.',
    ])
})

test('all problems are told at once, each with its variable', (t) => {
  t.deepEqual(
    problems({
      TENANTRY_NAMESPACE: 'Not A Namespace',
      TENANTRY_HEALTH_PORT: '99999',
      TENANTRY_INVITE_LIFETIME: 'a week',
      TENANTRY_NAMSPACE: 'typo',
    }),
    [
      'TENANTRY_NAMSPACE is not a setting of this operator; remove it or correct its name.',
      'TENANTRY_NAMESPACE is not a namespace name.',
      'TENANTRY_HEALTH_PORT is not a port number.',
      'TENANTRY_INVITE_LIFETIME is not a duration such as 15s, 10m, 168h or 7d.',
    ],
  )
})

const durations: readonly (readonly [string, number])[] = [
  ['250ms', 250],
  ['15s', 15_000],
  ['10m', 600_000],
  ['168h', 604_800_000],
  ['7d', 604_800_000],
]
for (const [text, milliseconds] of durations) {
  test(`a lifetime of ${text} is ${milliseconds} milliseconds`, (t) => {
    t.is(parseConfig({ ...least, TENANTRY_INVITE_LIFETIME: text }, noFile).invite.lifetime, milliseconds)
  })
}

test('the SMTP password is in a file, which is named and not kept: it is read for each login', (t) => {
  const env = {
    ...least,
    TENANTRY_SMTP_HOST: 'mail.example.com',
    TENANTRY_SMTP_USERNAME: 'robot',
    TENANTRY_SMTP_PASSWORD_FILE: '/password',
    TENANTRY_MAIL_FROM: 'robot@example.com',
  }
  const { smtp } = parseConfig(env, () => 'hunter2\n')
  t.is(smtp?.passwordFile, '/password')
  t.false(JSON.stringify(smtp).includes('hunter2'))
  t.deepEqual(problems({ TENANTRY_SMTP_PASSWORD_FILE: '/nowhere' }), [
    'TENANTRY_SMTP_PASSWORD_FILE names a file that cannot be read.',
  ])
})

const greetings: readonly (readonly [settings: Record<string, string>, name: string])[] = [
  [{}, 'tenantry.example.com'],
  [{ TENANTRY_PUBLIC_URL: 'http://127.0.0.1:8080' }, '[127.0.0.1]'],
  [{ TENANTRY_PUBLIC_URL: 'http://[2001:db8::1]:8080' }, '[IPv6:2001:db8::1]'],
  [{ TENANTRY_SMTP_EHLO_NAME: 'mx.example.com' }, 'mx.example.com'],
  [{ TENANTRY_SMTP_EHLO_NAME: '[192.0.2.1]' }, '[192.0.2.1]'],
]
for (const [settings, name] of greetings) {
  test(`a mail relay is greeted as ${name} with ${JSON.stringify(settings)}`, (t) => {
    const env = { ...least, TENANTRY_SMTP_HOST: 'mail', TENANTRY_MAIL_FROM: 'robot@example.com', ...settings }
    t.is(parseConfig(env, noFile).smtp?.name, name)
  })
}

test('a name that no mail client may have is refused', (t) => {
  t.deepEqual(problems({ TENANTRY_SMTP_EHLO_NAME: 'my host' }), [
    'TENANTRY_SMTP_EHLO_NAME is neither a host name nor an address in brackets.',
  ])
})

const contradictions: readonly (readonly [string, Record<string, string>, string])[] = [
  [
    'the operator’s own namespace for the Secrets of the pages',
    { TENANTRY_WEB_NAMESPACE: 'tenantry-system' },
    'TENANTRY_WEB_NAMESPACE is the namespace of the operator; the Secrets of the pages need one of their own.',
  ],
  [
    'a mail server without a sender',
    { TENANTRY_SMTP_HOST: 'mail' },
    'TENANTRY_MAIL_FROM is missing: with TENANTRY_SMTP_HOST set, mail needs a sender address.',
  ],
  [
    'a password in the clear',
    { TENANTRY_SMTP_SECURITY: 'none', TENANTRY_SMTP_USERNAME: 'a', TENANTRY_SMTP_PASSWORD_FILE: '/p' },
    'TENANTRY_SMTP_SECURITY is none, which would send the password in the clear; use starttls or tls.',
  ],
  [
    'a renew deadline past the lease',
    { TENANTRY_RENEW_DEADLINE: '20s' },
    'TENANTRY_RENEW_DEADLINE must be shorter than TENANTRY_LEASE_DURATION.',
  ],
]
for (const [name, env, problem] of contradictions) {
  test(`refused: ${name}`, (t) => {
    t.deepEqual(
      problems(env, () => 'secret'),
      [problem],
    )
  })
}

test('a username from a Secret loses its line break, and one of two lines is refused', (t) => {
  const env = {
    ...least,
    TENANTRY_SMTP_HOST: 'mail',
    TENANTRY_MAIL_FROM: 'robot@example.com',
    TENANTRY_SMTP_PASSWORD_FILE: '/password',
  }
  const read = () => 'secret'
  t.is(parseConfig({ ...env, TENANTRY_SMTP_USERNAME: 'robot\n' }, read).smtp?.username, 'robot')
  t.deepEqual(problems({ ...env, TENANTRY_SMTP_USERNAME: 'robot\ntwo' }, read), [
    'TENANTRY_SMTP_USERNAME has line breaks or other control characters.',
  ])
})

test('a file that cannot be read is a problem of its variable', (t) => {
  t.deepEqual(problems({ TENANTRY_SMTP_CA_FILE: '/nowhere' }), [
    'TENANTRY_SMTP_CA_FILE names a file that cannot be read.',
  ])
})

const bucket = {
  TENANTRY_DUMP_TARGET: 's3',
  TENANTRY_DUMP_S3_ENDPOINT: 'https://s3.example.com/',
  TENANTRY_DUMP_S3_BUCKET: 'dumps',
  TENANTRY_DUMP_S3_ACCESS_KEY_FILE: '/run/access',
  TENANTRY_DUMP_S3_SECRET_KEY_FILE: '/run/secret',
}

test('certificates to trust that are none are a problem, as those of the system would count', (t) => {
  const s3 = { ...bucket, TENANTRY_DUMP_S3_CA_FILE: '/ca' }
  const read = (path: string) => (path === '/ca' ? '\n' : 'key')
  t.deepEqual(problems({ TENANTRY_SMTP_CA_FILE: '/ca' }, read), [
    'TENANTRY_SMTP_CA_FILE names a file without a certificate.',
  ])
  t.deepEqual(problems(s3, read), ['TENANTRY_DUMP_S3_CA_FILE names a file without a certificate.'])
})

test('a bucket for dumps has all that it needs, its credentials from files', (t) => {
  const { target } = parseConfig({ ...least, ...bucket }, (path) => `${path}\n`).dump
  t.like(target, { kind: 's3', endpoint: 'https://s3.example.com', accessKey: '/run/access', secretKey: '/run/secret' })
  t.regex(problems(bucket, () => 'two\nlines')[0] ?? '', /TENANTRY_DUMP_S3_ACCESS_KEY_FILE names has line breaks/)
  t.deepEqual(problems({ TENANTRY_DUMP_TARGET: 's3', TENANTRY_DUMP_S3_ACCESS_KEY_FILE: '/nowhere' }), [
    'TENANTRY_DUMP_S3_ENDPOINT is missing: TENANTRY_DUMP_TARGET s3 needs it.',
    'TENANTRY_DUMP_S3_BUCKET is missing: TENANTRY_DUMP_TARGET s3 needs it.',
    'TENANTRY_DUMP_S3_ACCESS_KEY_FILE names a file that cannot be read.',
    'TENANTRY_DUMP_S3_SECRET_KEY_FILE is missing: TENANTRY_DUMP_TARGET s3 needs it.',
  ])
})

test('without a target for dumps there is none, and a volume is a folder', (t) => {
  t.is(parseConfig(least, noFile).dump.target, undefined)
  const volume = { TENANTRY_DUMP_TARGET: 'volume', TENANTRY_DUMP_DIRECTORY: '/dumps' }
  t.deepEqual(parseConfig({ ...least, ...volume }, noFile).dump.target, { kind: 'volume', folder: '/dumps' })
})
