import test from 'ava'
import { KubeError } from '../../../operator/kube/port.ts'
import { explain } from '../../../operator/tenant/failures.ts'

const refused = (message: string) =>
  explain({
    target: 'Namespace',
    action: { kind: 'DeleteNamespace', namespace: 'tenant-acme', uid: 'u' },
    error: new KubeError('Forbidden', message, 403),
  })

test('a quota in the way is named, with what it refused; it is no matter of the API server', (t) => {
  const told = refused('create Secret: secrets "x" is forbidden: exceeded quota: theirs, requested: count/secrets=1')
  t.is(told.reason, 'QuotaExceeded')
  t.regex(told.message, /The ResourceQuota theirs leaves no room/)
  t.false(told.stalled)
})

test('another refusal says that the API server refuses', (t) => {
  t.is(refused('create Secret: denied by a policy').reason, 'ApiServerUnavailable')
})
