import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { issuer } from '../licenses.ts'
import { parseConfig } from '../../operator/config/config.ts'
import { parseWebConfig } from '../../operator/config/web-config.ts'
import type { KubeObject } from '../../operator/kube/port.ts'
import type { ConfigMap } from '../../operator/kube/resources.ts'
import { installManifest } from '../../scripts/chart/install-manifest.ts'
import { chartObjects, parsed } from '../harness/chart.ts'
import { harness, removeNamespace, testNamespace } from '../harness/context.ts'
import { chartFolder, helm, renderChart } from '../harness/helm.ts'
import { kindsServed } from '../harness/in-force.ts'

const root = join(import.meta.dirname, '../..')
const needed = { settings: { baseDomain: 'tenants.example.com', publicUrl: 'https://invites.example.com' } }

const licenses = issuer()

/** All that can be switched on in a cluster without add-ons. */
const everything = {
  settings: {
    ...needed.settings,
    bindableRoles: ['team-role'],
    userPrefix: 'oidc:',
    dns: { namespaces: ['openshift-dns'], ports: [53, 5353], addresses: ['169.254.20.10', 'fd00:10::a'] },
  },
  replicas: 2,
  smtp: {
    host: 'smtp.example.com',
    existingSecret: 'smtp',
    from: { address: 'invites@example.com' },
    ca: { configMap: 'smtp-ca' },
  },
  mailTemplatesConfigMap: 'templates',
  license: { publicKeys: licenses.pem },
  databaseServer: {
    enabled: true,
    labels: { region: 'eu' },
    spec: { endpoint: { host: 'postgres.example.com' }, admin: { secretRef: { name: 'postgres' } } },
  },
  ingress: { enabled: true, className: 'nginx', tlsSecret: 'invites-tls' },
  signIn: {
    providers: [
      {
        type: 'ldap',
        id: 'corp-ldap',
        name: 'Corporate account',
        host: 'ldap.example.com',
        bindDN: 'cn=reader',
        bindPWSecret: { name: 'ldap-reader', key: 'password' },
        rootCA: { configMap: 'ldap-ca' },
        userSearch: { baseDN: 'dc=example,dc=com', username: 'uid' },
      },
      {
        type: 'oidc',
        id: 'corp-oidc',
        name: 'Single sign-on',
        issuerURL: 'https://id.example.com',
        clientID: 'tenantry',
        clientSecretRef: { name: 'oidc-client' },
      },
    ],
  },
  networkPolicy: { enabled: true },
  podDisruptionBudget: { enabled: true },
}

interface Deployment extends KubeObject {
  readonly spec: { readonly template: { readonly metadata: KubeObject['metadata']; readonly spec: PodSpec } }
}

interface PodSpec {
  readonly enableServiceLinks: boolean
  readonly volumes: readonly object[]
  readonly containers: readonly [
    {
      readonly env: readonly { readonly name: string }[]
      readonly volumeMounts: readonly { readonly mountPath: string }[]
    },
  ]
}

const isConfigMap = (object: KubeObject): object is ConfigMap => object.kind === 'ConfigMap'

const isDeployment = (object: KubeObject): object is Deployment => object.kind === 'Deployment'

const deployments = ['tenantry', 'tenantry-web'] as const

function deploymentIn(objects: readonly KubeObject[], name: (typeof deployments)[number] = 'tenantry'): Deployment {
  const found = objects.filter(isDeployment).find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw new Error(`the chart has no Deployment ${name}`)
  return found
}

async function podSpecs(namespace: string): Promise<readonly PodSpec[]> {
  const objects = parsed(await renderChart({ namespace, values: everything }))
  return deployments.map((name) => deploymentIn(objects, name).spec.template.spec)
}

function settingsIn(objects: readonly KubeObject[], name: string): ConfigMap['data'] {
  return objects.filter(isConfigMap).find(({ metadata }) => metadata.name === name)?.data
}

const keyOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

test('helm lint --strict has nothing to say, with as little as is needed and with everything', async (t) => {
  const settings = Object.entries(needed.settings).map(([name, value]) => `settings.${name}=${value}`)
  const all = [
    'ingress',
    'networkPolicy',
    'podDisruptionBudget',
    'metrics.serviceMonitor',
    'metrics.rules',
    'httpRoute',
    'databaseServer',
  ]
  const switches = all.map((name) => `${name}.enabled=true`)
  for (const values of [settings, [...settings, ...switches]]) {
    const said = await helm(['lint', '--strict', chartFolder, '--set', values.join(',')])
    t.regex(said, /1 chart\(s\) linted, 0 chart\(s\) failed/)
  }
})

interface Rules extends KubeObject {
  readonly spec: { readonly groups: readonly { readonly rules: readonly Record<string, unknown>[] }[] }
}

test('each alert is made by choice, says what is wrong, and asks for a metric that the operator has', async (t) => {
  const isRules = (object: KubeObject): object is Rules => object.kind === 'PrometheusRule'
  const rendered = async (values: object) =>
    parsed(await renderChart({ namespace: 'tenantry-system', values: { ...needed, ...values } })).filter(isRules)
  t.deepEqual(await rendered({}), [])
  const [object] = await rendered({ metrics: { rules: { enabled: true, labels: { release: 'prometheus' } } } })
  t.is(object?.metadata.labels?.['release'], 'prometheus')
  const rules = object?.spec.groups.flatMap((group) => group.rules) ?? []
  t.deepEqual(
    rules.map(({ alert }) => alert),
    ['TenantryDatabaseMissing', 'TenantryDatabaseOverSize', 'TenantryDeletionsHeld', 'TenantryContested'],
  )
  const source = await readFile(join(root, 'operator/tenant/report/metrics.ts'), 'utf8')
  for (const { alert, expr, labels, annotations } of rules) {
    const asked = String(expr).match(/tenantry_[a-z_]+/g) ?? []
    t.true(asked.length > 0 && asked.every((metric) => source.includes(`'${metric}'`)), String(alert))
    t.regex(JSON.stringify(labels), /"severity":"(warning|critical)"/)
    t.regex(JSON.stringify(annotations), /"summary":.*"description":".*\$value/)
  }
})

test('manifests/install.yaml is what Helm renders', async (t) => {
  t.is(await readFile(join(root, 'manifests/install.yaml'), 'utf8'), await installManifest(root))
})

test('the objects that tests and demo apply are those that Helm renders for that namespace', async (t) => {
  const values = { settings: { ...needed.settings, bindableRoles: ['team-role'] }, defaultPlan: { enabled: false } }
  const rendered = parsed(await renderChart({ namespace: 'elsewhere', values }))
  const applied = await chartObjects({ namespace: 'elsewhere', bindableRoles: ['team-role'] })
  const left = new Set(['Deployment', 'Service', 'ConfigMap'])
  const wanted = rendered.filter(({ kind }) => !left.has(kind))
  // The namespace of the release is there before Helm is.
  const found = applied.filter(({ kind, metadata }) => !left.has(kind) && metadata.name !== 'elsewhere')
  t.deepEqual(byKey(found), byKey(wanted))
})

function byKey(objects: readonly KubeObject[]): Readonly<Record<string, object>> {
  return Object.fromEntries(objects.map((object) => [keyOf(object), withoutLabels(object)]))
}

/** Labels say who manages an object, which differs. */
function withoutLabels(object: KubeObject): object {
  return { ...object, metadata: { ...object.metadata, labels: {} } }
}

test('the apiserver takes every object, with everything that can be switched on', async (t) => {
  const { kubectl } = harness().cluster
  const namespace = await testNamespace(t)
  const rendering = { namespace, values: everything, apiVersions: ['tenantry.dev/v1alpha1/TenantPlan'] }
  const objects = parsed(await renderChart(rendering))
  const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
  // The CRDs are the same for all tests; they stay, and the kinds after them need them.
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: list(crds) })
  await kindsServed(
    kubectl,
    crds.map(({ metadata }) => metadata.name),
  )
  // A dry run creates no namespace for the objects after it.
  const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-o', 'name', '-f', '-']
  const web = objects.filter(({ metadata }) => metadata.name === `${namespace}-web`)
  await kubectl(['apply', '--server-side', '-f', '-'], { input: list(web) })
  t.teardown(() => removeNamespace(`${namespace}-web`))
  const taken = await kubectl(args, { input: list(objects) })
  t.is(taken.trim().split('\n').length, objects.length)
  t.true(objects.some(({ kind }) => kind === 'TenantPlan'))
  t.true(objects.some(({ kind }) => kind === 'DatabaseServer'))
})

test('the apiserver takes every sample', async (t) => {
  const { kubectl } = harness().cluster
  const namespace = await testNamespace(t, { labels: { 'tenantry.dev/home': 'true' } })
  const crds = (await chartObjects({ namespace })).filter(({ kind }) => kind === 'CustomResourceDefinition')
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: list(crds) })
  await kindsServed(
    kubectl,
    crds.map(({ metadata }) => metadata.name),
  )
  for (const name of ['home-namespace', 'plan', 'database-server', 'msp', 'customer']) {
    const sample = await readFile(join(root, `manifests/samples/${name}.yaml`), 'utf8')
    const objects = parsed(sample.replaceAll(/^( +namespace:) .*$/gm, `$1 ${namespace}`))
    const taken = await kubectl(['apply', '--server-side', '--dry-run=server', '-o', 'name', '-f', '-'], {
      input: list(objects),
    })
    t.is(taken.trim().split('\n').length, objects.length, name)
  }
})

function list(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items }
}

test('the pods satisfy the Pod Security Standard restricted', async (t) => {
  const { kubectl } = harness().cluster
  const namespace = await testNamespace(t, { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } })
  await kubectl(['create', 'serviceaccount', 'tenantry', '-n', namespace])
  await kubectl(['create', 'serviceaccount', 'tenantry-web', '-n', namespace])
  for (const spec of await podSpecs(namespace)) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tenantry', namespace }, spec }
    await t.notThrowsAsync(kubectl(['create', '--dry-run=server', '-f', '-'], { input: pod }))
    const careless = { ...pod, spec: { ...spec, hostNetwork: true } }
    await t.throwsAsync(kubectl(['create', '--dry-run=server', '-f', '-'], { input: careless }), {
      message: /restricted/,
    })
  }
})

/** What the image sets for every process in it. */
async function imageEnv(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8')
  const found = [...text.matchAll(/\b(TENANTRY_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const)
  if (found.length === 0) throw new Error('the Dockerfile sets no variable of Tenantry')
  return Object.fromEntries(found)
}

test('the operator understands every setting that the chart and the image give it', async (t) => {
  const objects = parsed(await renderChart({ namespace: 'tenantry-system', values: everything }))
  const { env, volumeMounts } = deploymentIn(objects).spec.template.spec.containers[0]
  const fromPod = Object.fromEntries(env.map(({ name }) => [name, 'tenantry']))
  const config = parseConfig({ ...(await imageEnv()), ...settingsIn(objects, 'tenantry'), ...fromPod }, (path) => {
    t.true(
      volumeMounts.some(({ mountPath }) => path.startsWith(`${mountPath}/`)),
      `${path} is not mounted`,
    )
    return path.endsWith('license.pub') ? licenses.pem : 'content'
  })
  t.like(config, {
    namespace: 'tenantry',
    baseDomain: 'tenants.example.com',
    publicUrl: 'https://invites.example.com',
    dns: {
      namespaces: ['openshift-dns'],
      ports: [53, 5353],
      addresses: ['169.254.20.10/32', 'fd00:10::a/128'],
    },
    userPrefix: 'oidc:',
    clusterRolePrefix: 'tenantry',
    smtp: {
      host: 'smtp.example.com',
      port: 587,
      name: 'invites.example.com',
      security: 'starttls',
      username: 'tenantry',
      passwordFile: '/etc/tenantry/smtp/password',
    },
  })
  t.true(config.bindableRoles.includes('team-role'))
  t.deepEqual([...config.licenseKeys.keys()], [licenses.keyId])
})

test('the pages understand every setting that chart and image give them, and get the Secrets of their providers only', async (t) => {
  const objects = parsed(await renderChart({ namespace: 'tenantry-system', values: everything }))
  const { containers, volumes } = deploymentIn(objects, 'tenantry-web').spec.template.spec
  const fromPod = Object.fromEntries(containers[0].env.map(({ name }) => [name, 'tenantry']))
  const signIn = settingsIn(objects, 'tenantry-web-sign-in')?.['sign-in.json'] ?? ''
  const read = (path: string) => (path === '/etc/tenantry/sign-in.json' ? signIn : 'content')
  const config = parseWebConfig({ ...(await imageEnv()), ...settingsIn(objects, 'tenantry-web'), ...fromPod }, read)
  t.like(config, {
    namespace: 'tenantry',
    webNamespace: 'tenantry-system-web',
    publicUrl: 'https://invites.example.com',
    productName: 'Tenantry',
    userPrefix: 'oidc:',
  })
  t.deepEqual(config.signIn.root, {
    username: 'root',
    email: undefined,
    user: 'tenantry:root',
    signIn: { kind: 'Local' },
  })
  const [ldap, oidc] = config.signIn.providers
  const mounts = containers[0].volumeMounts.map(({ mountPath }) => mountPath)
  t.like(ldap, {
    rootCA: { file: '/etc/tenantry/sign-in/corp-ldap/ca.crt' },
    account: { dn: 'cn=reader', passwordFile: '/etc/tenantry/sign-in/corp-ldap/bindPW' },
  })
  t.like(oidc, { clientSecretFile: '/etc/tenantry/sign-in/corp-oidc/clientSecret', rootCA: undefined })
  t.true(['corp-ldap', 'corp-oidc'].every((id) => mounts.includes(`/etc/tenantry/sign-in/${id}`)))
  // Of Secrets it has those of its own providers only.
  const named = JSON.stringify(volumes).match(/"secret":\{"name":"[^"]+"/g)
  t.deepEqual(named, ['"secret":{"name":"ldap-reader"', '"secret":{"name":"oidc-client"'])
})

test('each Service and each NetworkPolicy selects the pods of one Deployment', async (t) => {
  const objects = parsed(await renderChart({ namespace: 'tenantry-system', values: everything }))
  const labelsOf = Object.fromEntries(
    deployments.map((name) => [name, deploymentIn(objects, name).spec.template.metadata.labels]),
  )
  const selected = objects.flatMap((object) => {
    const selector = selectorOf(object)
    if (selector === undefined) return []
    const matches = deployments.filter((name) =>
      Object.entries(selector).every(([key, value]) => labelsOf[name]?.[key] === value),
    )
    return [`${object.kind} ${object.metadata.name}: ${matches.join(' ')}`]
  })
  t.deepEqual(selected.toSorted(), [
    'Deployment tenantry-web: tenantry-web',
    'Deployment tenantry: tenantry',
    'NetworkPolicy tenantry-web: tenantry-web',
    'NetworkPolicy tenantry: tenantry',
    'PodDisruptionBudget tenantry-web: tenantry-web',
    'PodDisruptionBudget tenantry: tenantry',
    'Service tenantry-metrics: tenantry',
    'Service tenantry-web-metrics: tenantry-web',
    'Service tenantry: tenantry-web',
  ])
})

type Labels = Readonly<Record<string, string>>

function selectorOf(object: KubeObject): Labels | undefined {
  const { selector, podSelector } = (object as { readonly spec?: Selecting }).spec ?? {}
  if (object.kind === 'Service') return selector
  return ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget'].includes(object.kind)
    ? (podSelector ?? selector)?.matchLabels
    : undefined
}

/** A Service has labels in its selector, the other kinds have them in `matchLabels`. */
interface Selecting {
  readonly selector?: Labels & { readonly matchLabels?: Labels }
  readonly podSelector?: { readonly matchLabels?: Labels }
}

test("a Service's own variables do not get among the settings", async (t) => {
  for (const { enableServiceLinks } of await podSpecs('tenantry-system')) t.false(enableServiceLinks)
})

test('the default plan is made after the CRDs at first, and is a plain object of the release from then on', async (t) => {
  const planIn = async (apiVersions: readonly string[]) => {
    const objects = parsed(await renderChart({ namespace: 'tenantry-system', values: needed, apiVersions }))
    return objects.find(({ kind }) => kind === 'TenantPlan')?.metadata.annotations
  }
  const marks = {
    'helm.sh/resource-policy': 'keep',
    'meta.helm.sh/release-name': 'tenantry',
    'meta.helm.sh/release-namespace': 'tenantry-system',
  }
  t.like(await planIn([]), { ...marks, 'helm.sh/hook': 'post-install,post-upgrade' })
  t.deepEqual(await planIn(['tenantry.dev/v1alpha1/TenantPlan']), marks)
})

test('the namespace of the pages stays when the release goes, and can be made by others', async (t) => {
  const namespacesIn = async (web: object) =>
    parsed(await renderChart({ namespace: 'tenantry-system', values: { ...needed, web } })).filter(
      ({ kind }) => kind === 'Namespace',
    )
  const [made] = await namespacesIn({})
  t.is(made?.metadata.name, 'tenantry-system-web')
  t.is(made?.metadata.annotations?.['helm.sh/resource-policy'], 'keep')
  t.deepEqual(await namespacesIn({ createNamespace: false, namespace: 'pages' }), [])
})

test('CRDs stay when the release goes', async (t) => {
  const objects = parsed(await renderChart({ namespace: 'tenantry-system', values: needed }))
  const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
  t.is(crds.length, 5)
  for (const { metadata } of crds) t.is(metadata.annotations?.['helm.sh/resource-policy'], 'keep', metadata.name)
})

const refusals: readonly (readonly [string, object, RegExp])[] = [
  ['no base domain', { settings: { publicUrl: 'https://i.example.com' } }, /settings\.baseDomain must be given/],
  ['no public URL', { settings: { baseDomain: 'example.com' } }, /settings\.publicUrl must be given/],
  [
    'a misspelt value',
    { settings: { ...needed.settings, bseDomain: 'a' } },
    /additional properties 'bseDomain' not allowed/,
  ],
  ['a mail server without a sender', { ...needed, smtp: { host: 'smtp' } }, /smtp\.from\.address must be given/],
  [
    'a prefix that would end a CEL string',
    { settings: { ...needed.settings, userPrefix: "x' || true" } },
    /userPrefix/,
  ],
]

for (const [what, values, sentence] of refusals) {
  test(`Helm refuses ${what}`, async (t) => {
    await t.throwsAsync(renderChart({ namespace: 'tenantry-system', values }), { message: sentence })
  })
}
