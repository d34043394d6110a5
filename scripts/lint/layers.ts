/** Layers: which folder may know which package, and which folder may know which other. */
import { packageName, problemsAt, resolved, within } from './rule.ts'
import type { Problem, Rule } from './rule.ts'

/** A package is known in one place only, so that replacing it changes that place only. Types count too. */
const homes: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-s3': ['operator/dump/'],
  '@aws-sdk/lib-storage': ['operator/dump/'],
  '@dot-i/k8s-operator': ['operator/app/operator.ts'],
  '@kubernetes/client-node': ['operator/kube/'],
  undici: ['operator/kube/'],
  pg: ['operator/postgres/'],
  nodemailer: ['operator/mail/'],
  fastify: ['operator/web/', 'operator/runtime/process/health.ts'],
  '@fastify/cookie': ['operator/web/'],
  '@fastify/formbody': ['operator/web/'],
  jose: ['operator/license/'],
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

/** Kinds of tenancy and all that knows them. */
const domain = [
  'operator/tenant/',
  'operator/tenantadmin/',
  'operator/accessgrant/',
  'operator/tenantplan/',
  'operator/databaseserver/',
  'operator/nameclaim/',
  'operator/domain/',
  'operator/web/',
  'operator/cli/',
  'operator/app/operator.ts',
  'operator/main.ts',
]

interface Ignorance {
  readonly name: string
  readonly because: string
  readonly of: readonly string[]
  readonly except?: readonly string[]
  readonly knows: (path: string) => boolean
}

const ignorances: readonly Ignorance[] = [
  {
    name: 'runtime-knows-no-tenants',
    because: 'runtime/ drives any reconciler: it knows keys, queues and leases, and nothing of tenants',
    of: ['operator/runtime/'],
    knows: (path) =>
      within(path, ['operator/runtime/', 'operator/kube/', 'operator/api/names.ts', 'operator/config/config.ts']),
  },
  {
    name: 'adapters-know-no-reconcilers',
    because: 'kube/, postgres/ and mail/ serve whoever asks',
    of: ['operator/kube/', 'operator/postgres/', 'operator/mail/'],
    knows: (path) => !within(path, domain),
  },
  {
    name: 'api-knows-itself',
    because: 'the kinds are the ground that the rest stands on',
    of: ['operator/api/'],
    knows: (path) =>
      within(path, ['operator/api/', 'operator/runtime/base/clock.ts']) ||
      /^operator\/(?:kube|mail|postgres\/model)\/port\.ts$/.test(path),
  },
  {
    name: 'operator-knows-no-tests',
    because: 'what is shipped depends on nothing that is not',
    of: ['operator/'],
    knows: (path) => within(path, ['operator/', 'package.json']),
  },
]

function ignoranceRule({ name, because, of, except = [], knows }: Ignorance): Rule {
  return {
    name,
    because,
    check(file): readonly Problem[] {
      if (!within(file.path, of) || within(file.path, except)) return []
      const imports = file.imports.filter(({ specifier }) => {
        const path = resolved(file.path, specifier)
        return path !== undefined && !knows(path)
      })
      return problemsAt(file, imports, ({ specifier }) => `imports ${resolved(file.path, specifier)}`)
    },
  }
}

export const layerRules: readonly Rule[] = [packageHomes, ...ignorances.map(ignoranceRule)]
