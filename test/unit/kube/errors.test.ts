import test from 'ava'
import { answerError, failure, watchError } from '../../../operator/kube/errors.ts'
import { KubeError, type KubeErrorReason } from '../../../operator/kube/port.ts'
import { DeadlineExceeded } from '../../../operator/runtime/base/deadline.ts'

const status = (reason: string, more: object = {}) => ({ kind: 'Status', apiVersion: 'v1', reason, ...more })

const answers: readonly (readonly [string, number, unknown, KubeErrorReason])[] = [
  ['a name that is taken', 409, status('AlreadyExists'), 'AlreadyExists'],
  ['a version that is not the live one', 409, status('Conflict'), 'Conflict'],
  ['409 without a reason', 409, undefined, 'Conflict'],
  ['nothing there', 404, status('NotFound'), 'NotFound'],
  ['a proxy that knows no such path', 404, '<html>', 'NotFound'],
  ['refused by schema, CEL or policy', 422, status('Invalid'), 'Invalid'],
  ['no proper request', 400, status('BadRequest'), 'Invalid'],
  ['no right', 403, status('Forbidden'), 'Forbidden'],
  ['no identity', 401, status('Unauthorized'), 'Unauthorized'],
  ['a version that is forgotten', 410, status('Expired'), 'Gone'],
  ['gone', 410, status('Gone'), 'Gone'],
  ['too busy', 429, status('TooManyRequests'), 'TooManyRequests'],
  ['the server ran out of time', 504, status('Timeout'), 'Timeout'],
  ['try again', 500, status('ServerTimeout'), 'Timeout'],
  ['etcd has no leader', 500, status('InternalError'), 'Unavailable'],
  ['not up yet', 503, status('ServiceUnavailable'), 'Unavailable'],
  ['a gateway that reaches nobody', 502, 'bad gateway', 'Unavailable'],
  ['something new', 418, status('Teapot'), 'Unknown'],
]

for (const [what, code, body, reason] of answers) {
  test(`${what} (${code}) is ${reason}`, (t) => {
    const error = answerError(code, body, 'GET /x')
    t.is(error.reason, reason)
    t.is(error.status, code)
  })
}

test('the text of an answer decides nothing', (t) => {
  t.is(answerError(409, status('Conflict', { message: 'already exists, not found' }), 'x').reason, 'Conflict')
})

const overQuota =
  'secrets "x" is forbidden: exceeded quota: theirs.v1, requested: count/secrets=1, used: count/secrets=5'

test('the quota in the way is named, of a refusal only', (t) => {
  t.is(answerError(403, status('Forbidden', { message: overQuota }), 'POST /x').quota, 'theirs.v1')
  t.is(answerError(409, status('Conflict', { message: overQuota }), 'POST /x').quota, undefined)
  const noRight = status('Forbidden', { message: 'secrets is forbidden: User "x" cannot create resource "secrets"' })
  t.is(answerError(403, noRight, 'POST /x').quota, undefined)
})

const refusals: readonly (readonly [string, number, string, string, object, boolean])[] = [
  ['a policy denies it', 422, 'Invalid', 'denied request: no', {}, true],
  ['a webhook denies it', 400, 'BadRequest', 'admission webhook "x" denied the request: no', {}, true],
  ['a webhook denies it as a conflict', 409, 'Conflict', 'admission webhook "x" denied the request: no', {}, true],
  [
    'a webhook denies it as its own failure',
    500,
    'InternalError',
    'admission webhook "x" denied the request',
    {},
    true,
  ],
  [
    'a policy denies it as too large',
    413,
    'RequestEntityTooLarge',
    `x "y" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`,
    {},
    true,
  ],
  [
    'a mutating policy that fails denies it as a conflict',
    409,
    'Conflict',
    "policy 'p' with binding 'b' denied request: no such key: team",
    {},
    true,
  ],
  ['a right is missing', 403, 'Forbidden', 'User "x" cannot create resource "secrets"', {}, true],
  ['a quota leaves no room', 403, 'Forbidden', overQuota, {}, false],
  [
    'a quota was not counted yet',
    403,
    'Forbidden',
    'secrets "x" is forbidden: status unknown for quota: q, x',
    {},
    false,
  ],
  ['a plugin is not ready', 403, 'Forbidden', 'pods "x" is forbidden: not yet ready to handle request', {}, false],
  ['the namespace ends', 403, 'Forbidden', 'is forbidden', { causes: [{ reason: 'NamespaceTerminating' }] }, false],
  ['somebody else was first', 409, 'Conflict', 'the object has been modified', {}, false],
  ['a webhook does not answer', 500, 'InternalError', 'failed calling webhook "x"', {}, false],
]

for (const [what, code, reason, message, details, isRefusal] of refusals)
  test(`where ${what}, it ${isRefusal ? 'is refused, in these words' : 'may go away by itself'}`, (t) => {
    const { refusal } = answerError(code, status(reason, { message, details }), 'POST /x')
    t.is(refusal, isRefusal ? message : undefined)
  })

for (const [message, refusedBy] of [
  [`x "y" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`, 'Policy'],
  [`x "y" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: no`, 'Policy'],
  ["policy 'p' with binding 'b' denied request: no such key: team", 'Policy'],
  ['policy "p" denied request: failed to configure policy: no', 'Policy'],
  ['admission webhook "x" denied the request: no', 'Webhook'],
  [`x "y" is forbidden: expression 'object.spec.team' resulted in error: no such key: team`, undefined],
  [`x "y" is forbidden: the policy "p" denied request: no`, undefined],
] as const)
  test(`${message}: refused by ${refusedBy ?? 'what it does not name'}`, (t) => {
    t.is(answerError(403, status('Forbidden', { message }), 'POST /x').refusedBy, refusedBy)
  })

test('a webhook that does not answer is named', (t) => {
  const message = 'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: refused'
  t.is(answerError(500, status('InternalError', { message }), 'POST /x').webhook, 'check.example.com')
})

test('the fields that are invalid are named, and causes without one are none', (t) => {
  const causes = [
    { reason: 'FieldValueInvalid', field: 'spec.hard[x]', message: 'Invalid value: "x"' },
    { message: 'no' },
  ]
  t.deepEqual(answerError(422, status('Invalid', { details: { causes } }), 'POST /x').causes, [
    { field: 'spec.hard[x]', message: 'Invalid value: "x"' },
  ])
})

test('how long to wait comes from the header, or from the details of the Status', (t) => {
  t.is(answerError(429, status('TooManyRequests'), 'x', '7').retryAfter, 7_000)
  t.is(answerError(500, status('ServerTimeout', { details: { retryAfterSeconds: 2 } }), 'x').retryAfter, 2_000)
  t.is(answerError(429, status('TooManyRequests'), 'x', 'Wed, 21 Oct 2030 07:28:00 GMT').retryAfter, undefined)
})

test('a failure without an answer has status 0: its outcome is not known', (t) => {
  const late = failure(new DeadlineExceeded('late'), 'POST /x')
  t.like(late, { reason: 'Timeout', status: 0 })
  t.like(failure(new Error('ECONNRESET'), 'POST /x'), { reason: 'Unavailable', status: 0 })
  const known = new KubeError('Gone', 'x', 410)
  t.is(failure(known, 'x'), known)
})

test("an ERROR in a watch is its Status's code", (t) => {
  t.like(watchError(status('Expired', { code: 410 }), 'watch'), { reason: 'Gone', status: 410 })
  t.like(watchError('garbage', 'watch'), { reason: 'Unknown', status: 0 })
})
