import test from 'ava'
import { ConfigError } from '../../../operator/config/read-environment.ts'
import { parseWebConfig } from '../../../operator/config/web-config.ts'

const least = { TENANTRY_NAMESPACE: 'tenantry-system', TENANTRY_PUBLIC_URL: 'https://tenantry.example.com/' }

const parse = (env: Record<string, string>, file?: object | string) =>
  parseWebConfig({ ...least, ...env, ...(file === undefined ? {} : { TENANTRY_SIGN_IN_FILE: 'sign-in.json' }) }, () =>
    typeof file === 'string' ? file : JSON.stringify(file),
  )

const problemsOf = (file: object | string) => {
  try {
    parse({}, file)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const session = { idle: '10m', lifetime: '8h' }
const root = { username: 'root', email: '', user: 'tenantry:root', provider: 'local', subject: '' }

test('two settings are enough, the others have defaults that work', (t) => {
  const config = parse({})
  t.is(config.webNamespace, 'tenantry-system-web')
  t.is(config.publicUrl, 'https://tenantry.example.com')
  t.is(config.productName, 'Tenantry')
  t.true(config.localSignIn)
  t.false(config.listen.trustProxy)
  t.is(config.kubeconfig, undefined)
  t.true(Object.isFrozen(config))
})

test('the namespace of the Secrets of the pages can be another one', (t) => {
  t.is(parse({ TENANTRY_WEB_NAMESPACE: 'pages' }).webNamespace, 'pages')
})

test('the namespace of the Secrets of the pages is never the one of the operator', (t) => {
  const error = t.throws(() => parse({ TENANTRY_WEB_NAMESPACE: 'tenantry-system' }), { instanceOf: ConfigError })
  t.deepEqual(error.problems, [
    'TENANTRY_WEB_NAMESPACE is the namespace of the operator; the Secrets of the pages need one of their own.',
  ])
})

test('a setting of the operator, which the image or its Deployment may have, is passed over', (t) => {
  t.notThrows(() => parse({ TENANTRY_POSTGRES_BIN: '/opt/bin', TENANTRY_BASE_DOMAIN: 'example.com' }))
})

test('all problems are told at once, each with its variable', (t) => {
  const error = t.throws(() => parse({ TENANTRY_PUBLIC_URL: 'here', TENANTRY_WEB_PORT: 'x', TENANTRY_WEB_PROT: '1' }), {
    instanceOf: ConfigError,
  })
  t.deepEqual(error.problems, [
    'TENANTRY_WEB_PROT is not a setting of the pages; remove it or correct its name.',
    'TENANTRY_PUBLIC_URL is not an http or https URL.',
    'TENANTRY_WEB_PORT is not a port number.',
  ])
})

test('without a file of sign-in there is no root admin and no provider', (t) => {
  t.deepEqual(parse({}).signIn, { root: undefined, session: { idle: 1_800_000, lifetime: 43_200_000 }, providers: [] })
})

test('the root admin signs in with a password, or by an account of a provider', (t) => {
  const local = { username: 'root', email: undefined, user: 'tenantry:root', signIn: { kind: 'Local' } }
  t.deepEqual(parse({}, { session, root }).signIn.root, local as never)
  const oidc = { type: 'oidc', id: 'corp', name: 'Corp', issuerURL: 'https://id.example.com', clientID: 'tenantry' }
  const signIn = (given: object) =>
    parse({}, { session, root: { ...root, ...given }, providers: [oidc] }).signIn.root?.signIn
  t.deepEqual(signIn({ provider: 'corp' }), { kind: 'Provider', provider: 'corp', account: { username: 'root' } })
  t.deepEqual(signIn({ provider: 'corp', subject: 'u-1' }), {
    kind: 'Provider',
    provider: 'corp',
    account: { subject: 'u-1' },
  })
})

const wrong: readonly (readonly [string, object | string, readonly string[]])[] = [
  ['no JSON', 'nothing', ['signIn Invalid input: expected object, received undefined.']],
  [
    'a root admin that would be a user of Kubernetes',
    { session, root: { ...root, user: 'system:masters' } },
    ['signIn.root.user begins with system:, and such users belong to Kubernetes.'],
  ],
  [
    'a root admin of a provider that there is not',
    { session, root: { ...root, provider: 'corp' } },
    ['signIn.root.provider is corp, which no provider in signIn.providers has as its id.'],
  ],
  [
    'times that contradict each other',
    { session: { idle: '2h', lifetime: '1h' } },
    ['signIn.session.idle is longer than signIn.session.lifetime.'],
  ],
  [
    'sessions without any time',
    { session: { idle: '0s', lifetime: '8h' } },
    ['signIn.session.idle is zero, so each session would end at once.'],
  ],
  [
    'a provider of another type',
    { session, providers: [{ type: 'saml' }] },
    ['signIn.providers.0.type is neither ldap nor oidc.'],
  ],
  [
    'a provider that lacks something, and a secret in the settings',
    { session, providers: [{ type: 'oidc', id: 'corp', name: 'Corp', clientID: 'x', clientSecret: 'y' }] },
    [
      'signIn.providers[0].issuerURL is missing.',
      'signIn.providers[0].clientSecret is a secret; put it into a file and name the file in clientSecretFile.',
    ],
  ],
  [
    'one id for two providers',
    {
      session,
      providers: [1, 2].map(() => ({
        type: 'oidc',
        id: 'corp',
        name: 'Corp',
        issuerURL: 'https://id.example.com',
        clientID: 'x',
      })),
    },
    ['signIn.providers has the id corp twice.'],
  ],
]

for (const [what, file, sentences] of wrong)
  test(`Refused with the key in the chart's values: ${what}`, (t) => {
    t.deepEqual(problemsOf(file), sentences)
  })
