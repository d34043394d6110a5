import test from 'ava'

import { troubleFrom } from '../../../operator/databaseserver/server-health.ts'
import type { PostgresErrorReason } from '../../../operator/postgres/model/port.ts'
import { databaseServer } from '../../gen.ts'

type Tls = Partial<ReturnType<typeof databaseServer>['spec']['tls']>

const words: readonly (readonly [PostgresErrorReason, Tls, RegExp])[] = [
  [
    'CertificateUntrusted',
    { caConfigMapRef: { name: 'main-ca', key: 'ca.crt' } },
    /ConfigMap main-ca, entry ca\.crt \(spec\.tls\.caConfigMapRef\)/,
  ],
  [
    'CertificateUntrusted',
    { caSecretRef: { name: 'main-ca', key: 'root' } },
    /Secret main-ca, entry root \(spec\.tls\.caSecretRef\)/,
  ],
  ['CertificateUntrusted', {}, /neither spec\.tls\.caConfigMapRef nor spec\.tls\.caSecretRef is given/],
  ['CertificateForAnotherHost', {}, /Correct spec\.endpoint\.host/],
  ['CertificateOutOfDate', {}, /expired or is not valid yet\. Renew it/],
  ['TlsNotOffered', { mode: 'require' }, /spec\.tls\.mode require.*set spec\.tls\.mode to disable/],
  ['TlsFailed', {}, /correct spec\.tls or the server/],
]

for (const [reason, tls, message] of words) {
  test(`${reason} with ${JSON.stringify(tls)} names the field and the way out, and no login`, (t) => {
    const { spec } = databaseServer()
    const trouble = troubleFrom({ reason, message: '' }, { ...spec, tls: { mode: 'verify-full', ...tls } })
    t.like(trouble, { reason: 'TlsVerificationFailed', stalled: true })
    t.regex(trouble.message, message)
    t.regex(trouble.message, /^PostgreSQL at \S+:\d+ .*\.$/)
    t.notRegex(trouble.message, /login|secretRef/)
  })
}
