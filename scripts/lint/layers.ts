/** Packages: where each may be known. The order of our own folders is in folders.ts. */
import { packageName, problemsAt, resolved, within } from './rule.ts'
import type { Rule } from './rule.ts'

/** A package is known in one place only, so that replacing it changes that place only. Types count too. */
const homes: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-s3': ['operator/dump/'],
  '@aws-sdk/lib-storage': ['operator/dump/'],
  '@dot-i/k8s-operator': ['operator/app/operator.ts'],
  '@kubernetes/client-node': ['operator/kube/'],
  undici: ['operator/kube/', 'operator/web/oidc/bounded-http.ts'],
  'openid-client': ['operator/web/oidc/'],
  pg: ['operator/postgres/session/'],
  ldapts: ['operator/web/ldap/'],
  nodemailer: ['operator/mail/'],
  fastify: ['operator/web/', 'operator/runtime/process/health.ts'],
  '@fastify/cookie': ['operator/web/'],
  '@fastify/formbody': ['operator/web/'],
  jose: ['operator/license/', 'operator/web/oidc/'],
  handlebars: ['operator/mail/', 'operator/web/'],
  pino: ['operator/runtime/'],
  'prom-client': [
    'operator/runtime/',
    'operator/databaseserver/metrics.ts',
    'operator/mail/metrics.ts',
    'operator/tenant/report/metrics.ts',
  ],
}

const packageHomes: Rule = {
  name: 'package-homes',
  because: 'each outside package is known in one place of operator/ only; the others see a port',
  check(file) {
    if (!within(file.path, ['operator/'])) return []
    const strangers = file.imports.filter(({ specifier }) => {
      const home = homes[packageName(specifier)]
      return home !== undefined && !within(file.path, home)
    })
    return problemsAt(file, strangers, ({ specifier }) => {
      return `${specifier} is imported in ${homes[packageName(specifier)]?.join(', ')} only`
    })
  },
}

const shippedAlone: Rule = {
  name: 'operator-knows-no-tests',
  because: 'what is shipped depends on nothing that is not',
  check(file) {
    if (!within(file.path, ['operator/'])) return []
    const strangers = file.imports.filter(({ specifier }) => {
      const path = resolved(file.path, specifier)
      return path !== undefined && !within(path, ['operator/', 'package.json'])
    })
    return problemsAt(file, strangers, ({ specifier }) => `imports ${resolved(file.path, specifier)}`)
  },
}

export const layerRules: readonly Rule[] = [packageHomes, shippedAlone]
