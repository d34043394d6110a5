/** What the provider sends back with the browser. */
import test from 'ava'
import { readCallback } from '../../../../operator/web/oidc/callback.ts'

const expected = { state: 's', issuer: 'https://id.example.com', issRequired: false }
const iss = encodeURIComponent(expected.issuer)
const refused = (reason: string, detail?: string) => ({ kind: 'Refused', reason, detail })
const unavailable = (reason: string, detail?: string) => ({ kind: 'Unavailable', reason, detail })

test('only what the token endpoint needs is passed on', (t) => {
  const query = readCallback(new URLSearchParams(`code=c&state=s&iss=${iss}&session_state=x&id_token=y`), expected)
  t.deepEqual(query, new URLSearchParams(`code=c&state=s&iss=${iss}`))
})

test('a provider that does not promise iss may leave it out', (t) => {
  const query = new URLSearchParams('code=c&state=s')
  t.deepEqual(readCallback(query, expected), query)
})

const rows: readonly (readonly [string, string, object])[] = [
  ['no state', 'code=c', refused('WrongState')],
  ['another state', 'code=c&state=t', refused('WrongState')],
  ['an error with another state', 'error=access_denied&state=t', refused('WrongState')],
  ['another issuer', 'code=c&state=s&iss=https%3A%2F%2Fevil.example', refused('WrongIssuer')],
  ['an error of another issuer', 'error=access_denied&state=s&iss=https%3A%2F%2Fevil.example', refused('WrongIssuer')],
  ['two codes', 'code=c&code=d&state=s', refused('MalformedCallback')],
  ['two states', 'code=c&state=s&state=t', refused('MalformedCallback')],
  ['no code', 'state=s', refused('MalformedCallback')],
  ['an empty code', 'code=&state=s', refused('MalformedCallback')],
  ['very much', `code=${'c'.repeat(9000)}&state=s`, refused('MalformedCallback')],
  ['the person said no', 'error=access_denied&state=s', refused('AccessDenied', 'access_denied')],
  ['another error', 'error=login_required&state=s', refused('RequestRefused', 'login_required')],
  ['an error that is none', 'error=%0a<b>&state=s', refused('RequestRefused', 'unknown')],
  [
    'the provider is out of order',
    'error=temporarily_unavailable&state=s',
    unavailable('Server', 'temporarily_unavailable'),
  ],
  ['a client that is not known', 'error=unauthorized_client&state=s', unavailable('Client', 'unauthorized_client')],
]
for (const [what, query, outcome] of rows)
  test(`refused: ${what}`, (t) => t.deepEqual(readCallback(new URLSearchParams(query), expected), outcome))

test('refused: iss is left out by a provider that promises it', (t) => {
  const query = new URLSearchParams('code=c&state=s')
  t.deepEqual(readCallback(query, { ...expected, issRequired: true }), refused('WrongIssuer'))
})
