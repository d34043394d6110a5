import test from 'ava'
import { DirectoryFailure } from '../../../../operator/web/ldap/ldap-outcome.ts'
import { assertBound, assertFound, assertStartTls, refusalOf } from '../../../../operator/web/ldap/result-codes.ts'
import type { Result } from '../../../../operator/web/ldap/ldap-responses.ts'

function result(code: number, policy?: Result['policy'], words = ''): Result {
  return { operation: 'bind', code, words, policy }
}

/** The class of what it throws, or what it answers. */
function classOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error instanceof DirectoryFailure ? error.reason : error
  }
}

const binds: readonly (readonly [
  code: number,
  policy: Result['policy'],
  person: string | undefined,
  own: string | undefined,
])[] = [
  [0, undefined, undefined, undefined],
  [0, 'change-required', 'PasswordExpired', 'ServiceAccount'],
  [49, undefined, 'WrongPassword', 'ServiceAccount'],
  [49, 'locked', 'AccountDisabled', 'ServiceAccount'],
  [49, 'expired', 'PasswordExpired', 'ServiceAccount'],
  [32, undefined, 'WrongPassword', 'ServiceAccount'],
  [34, undefined, 'Server', 'ServiceAccount'],
  [19, undefined, 'AccountDisabled', 'ServiceAccount'],
  [48, undefined, 'AccountDisabled', 'ServiceAccount'],
  [50, undefined, 'AccountDisabled', 'ServiceAccount'],
  [53, undefined, 'AccountDisabled', 'ServiceAccount'],
  [3, undefined, 'Timeout', 'Timeout'],
  [8, undefined, 'Settings', 'Settings'],
  [13, undefined, 'Settings', 'Settings'],
  [10, undefined, 'Server', 'Server'],
  [14, undefined, 'Server', 'Server'],
  [51, undefined, 'Server', 'Server'],
  [52, undefined, 'Server', 'Server'],
  [80, undefined, 'Server', 'Server'],
  [4_096, undefined, 'Server', 'Server'],
]

for (const [code, policy, person, own] of binds) {
  test(`the code ${code} to a bind, with the policy ${policy}`, (t) => {
    t.is(
      classOf(() => refusalOf(result(code, policy))?.reason),
      person,
    )
    t.is(
      classOf(() => assertBound(result(code, policy))),
      own,
    )
  })
}

const searches = [
  [0, undefined],
  [4, undefined],
  [32, 'Settings'],
  [50, 'ServiceAccount'],
  [3, 'Timeout'],
  [10, 'Server'],
  [1, 'Server'],
] as const

test('the codes to a search', (t) => {
  for (const [code, expected] of searches)
    t.is(
      classOf(() => assertFound(result(code), 'userSearch')),
      expected,
    )
})

test('StartTLS is begun or it is a failure of TLS', (t) => {
  t.is(
    classOf(() => assertStartTls(result(0))),
    undefined,
  )
  t.is(
    classOf(() => assertStartTls(result(2))),
    'TLS',
  )
})

test('the words of the directory are quoted on one line, printable and short', (t) => {
  const words = `80090308: data 533\r\n\u001b[31m\u0000${'x'.repeat(500)}`
  t.regex(
    refusalOf(result(49, 'locked', words))?.detail ?? '',
    /^The directory refused the bind \(code 49, locked: 80090308: data 533 \[31m x{100,200}\)\.$/,
  )
})
