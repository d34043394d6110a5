import test from 'ava'
import { queryString, resourcePath } from '../../../operator/kube/path.ts'
import * as resources from '../../../operator/kube/resources.ts'

test('paths are those of the Kubernetes API', (t) => {
  const { configMaps, namespaces, roleBindings, leases } = resources
  const cases = [
    [resourcePath(configMaps, { namespace: 'ns', name: 'a' }), '/api/v1/namespaces/ns/configmaps/a'],
    [resourcePath(configMaps, { namespace: 'ns' }), '/api/v1/namespaces/ns/configmaps'],
    [resourcePath(configMaps, {}), '/api/v1/configmaps'],
    [resourcePath(namespaces, { name: 'ns' }), '/api/v1/namespaces/ns'],
    [resourcePath(namespaces, { name: 'ns' }, 'finalize'), '/api/v1/namespaces/ns/finalize'],
    [
      resourcePath(roleBindings, { namespace: 'ns', name: 'tenantry:admins' }),
      '/apis/rbac.authorization.k8s.io/v1/namespaces/ns/rolebindings/tenantry%3Aadmins',
    ],
    [resourcePath(leases, {}), '/apis/coordination.k8s.io/v1/leases'],
  ]
  for (const [path, expected] of cases) t.is(path, expected)
})

test('an object of a namespaced kind without a namespace is a mistake of ours', (t) => {
  t.throws(() => resourcePath(resources.secrets, { name: 'a' }), { instanceOf: TypeError })
})

test('parameters that are not there are left out, the others are escaped', (t) => {
  t.is(queryString({ a: undefined }), '')
  t.is(queryString({ labelSelector: 'a=b,c', limit: 5, watch: true }), '?labelSelector=a%3Db%2Cc&limit=5&watch=true')
})
