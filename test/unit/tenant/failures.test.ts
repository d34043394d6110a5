import test from 'ava'
import { KubeError } from '../../../operator/kube/port.ts'
import { explain } from '../../../operator/tenant/failures.ts'

const refused = (quota?: string) =>
  explain({
    target: 'Namespace',
    action: { kind: 'DeleteNamespace', namespace: 'tenant-acme', uid: 'u' },
    error: new KubeError('Forbidden', 'exceeded quota: x', 403, quota === undefined ? {} : { quota }),
  })

test('a quota in the way is named, with what it refused; it is no matter of the API server', (t) => {
  const told = refused('theirs')
  t.is(told.reason, 'QuotaExceeded')
  t.regex(told.message, /The ResourceQuota theirs leaves no room/)
  t.false(told.stalled)
})

test('where it is the plan’s own quota, the way out is in the namespace or in the plan', (t) => {
  t.regex(refused('tenantry-quota').message, /Delete what is not needed in the namespace, or raise spec\.quota/)
})

test('another refusal says that the API server refuses, whatever its text is', (t) => {
  t.is(refused().reason, 'ApiServerUnavailable')
})
