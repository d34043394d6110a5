import test from 'ava'
import { ConfigError } from '../../../operator/config/read-environment.ts'
import { parseWebConfig } from '../../../operator/config/web-config.ts'

const least = { TENANTRY_NAMESPACE: 'tenantry-system', TENANTRY_PUBLIC_URL: 'https://tenantry.example.com/' }

test('two settings are enough, the others have defaults that work', (t) => {
  const config = parseWebConfig(least)
  t.is(config.webNamespace, 'tenantry-system-web')
  t.is(config.publicUrl, 'https://tenantry.example.com')
  t.is(config.productName, 'Tenantry')
  t.true(config.localSignIn)
  t.false(config.listen.trustProxy)
  t.is(config.kubeconfig, undefined)
  t.true(Object.isFrozen(config))
})

test('the namespace of the Secrets of the pages can be another one', (t) => {
  t.is(parseWebConfig({ ...least, TENANTRY_WEB_NAMESPACE: 'pages' }).webNamespace, 'pages')
})

test('all problems are told at once, each with its variable; a setting of the operator is none of the pages', (t) => {
  const error = t.throws(
    () =>
      parseWebConfig({ ...least, TENANTRY_PUBLIC_URL: 'here', TENANTRY_WEB_PORT: 'x', TENANTRY_BASE_DOMAIN: 'x.y' }),
    { instanceOf: ConfigError },
  )
  t.deepEqual(error.problems, [
    'TENANTRY_BASE_DOMAIN is not a setting of the pages; remove it or correct its name.',
    'TENANTRY_PUBLIC_URL is not an http or https URL.',
    'TENANTRY_WEB_PORT is not a port number.',
  ])
})
