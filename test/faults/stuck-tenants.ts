/** Tenants whose spec cannot be carried out, or in whose way something stands. */
import { databaseNames } from '../../operator/api/names.ts'
import { eventually } from '../harness/wait.ts'
import { declareTenant, edit, holdNamespace, newName, removeOne, tenantOf } from './life.ts'
import { apiVersion, declarePlan, group, made, tenantPath, told } from './stuck-stage.ts'
import type { Stage, State, Stuck } from './stuck-stage.ts'

/** Declared so, a Tenant says this. */
const declared: Readonly<Record<string, object>> = {
  SubdomainReserved: { subdomain: 'www' },
  PlanNotFound: { plan: 'not-there' },
  DatabaseServerNotFound: { database: { server: 'not-there' } },
  NoDatabaseServer: { database: { serverSelector: { matchLabels: { nobody: 'has-it' } } } },
  LicenseInvalid: { license: { key: 'no-license' } },
  SecretNotFound: { license: { secretRef: { name: 'not-there' } } },
}

async function asDeclared(stage: Stage, reason: string, spec: object): Promise<Stuck> {
  const name = newName()
  await declareTenant(stage.world, name, { plan: stage.world.installation.plan, ...spec })
  return told(stage, tenantPath(stage.world, name), 'Ready', reason)
}

/** A customer declared so, of an MSP that allows this. */
const allowed: Readonly<Record<string, { readonly customers: object; readonly plan?: object; readonly spec: object }>> =
  {
    PlanNotAllowed: { customers: { plans: ['another'] }, spec: { plan: 'standard' } },
    DatabaseServerNotAllowed: { customers: { servers: ['another'] }, spec: { database: { server: 'main' } } },
    ExpiryNotAllowed: {
      customers: { latestExpiry: '2035-01-01T00:00:00Z' },
      spec: { expiresAt: '2036-01-01T00:00:00Z' },
    },
    ConnectionLimitNotAllowed: { customers: {}, spec: { database: { connectionLimit: 500 } } },
    DatabaseSizeNotAllowed: {
      customers: {},
      plan: { database: { maxSize: '1Gi' } },
      spec: { database: { maxSize: '2Gi' } },
    },
    ParameterNotAllowed: {
      customers: {},
      plan: { database: { parameters: { work_mem: '8MB' } } },
      spec: { database: { parameters: { work_mem: '16MB' } } },
    },
  }

async function customer(stage: Stage, msp: string, spec: object): Promise<string> {
  const name = newName()
  await stage.world.api.send('POST', `${group}/namespaces/tenant-${msp}/tenants`, {
    apiVersion,
    kind: 'Tenant',
    metadata: { name },
    spec: { displayName: 'A customer', provisioning: 'Immediate', plan: stage.world.installation.plan, ...spec },
  })
  return `${group}/namespaces/tenant-${msp}/tenants/${name}`
}

async function asCustomer(stage: Stage, reason: string): Promise<Stuck> {
  const { customers = {}, plan = {}, spec = {} } = allowed[reason] ?? {}
  const msp = await made(stage, { type: 'MSP', customers })
  const own = Object.keys(plan).length === 0 ? {} : { plan: await declarePlan(stage, undefined, plan) }
  return told(stage, await customer(stage, msp, { ...own, ...spec }), 'Ready', reason)
}

/** Changed so, a tenant that runs says this. */
const edited: Readonly<Record<string, object>> = {
  DatabaseServerFixed: { database: { server: 'elsewhere' } },
  IsolationFixed: { database: { isolation: 'Schema' } },
  ParameterRefused: { database: { parameters: { TimeZone: 'Mars/Olympus' } } },
}

async function asEdited(stage: Stage, reason: string, spec: object): Promise<Stuck> {
  const name = await made(stage)
  await edit(stage.world, name, { spec })
  return told(stage, tenantPath(stage.world, name), 'Stalled', reason)
}

async function licensed(stage: Stage, reason: string, over: object, type = 'Ready'): Promise<Stuck> {
  const name = newName()
  const year = 365 * 86_400_000
  const terms = { cloudId: name, issuedAt: Date.now() - year, expiresAt: Date.now() + year, ...over }
  await declareTenant(stage.world, name, { license: { key: await stage.licenses.issue(terms) } })
  return told(stage, tenantPath(stage.world, name), type, reason)
}

/** A Tenant in whose way something is put while it waits for its plan. */
async function withForeign(
  stage: Stage,
  reason: string,
  occupy: (stage: Stage, name: string, uid: string) => Promise<unknown>,
): Promise<Stuck> {
  const name = newName()
  const plan = `plan-${name}`
  const { metadata } = await declareTenant(stage.world, name, { plan })
  await told(stage, tenantPath(stage.world, name), 'Ready', 'PlanNotFound')
  await occupy(stage, name, metadata.uid)
  await declarePlan(stage, plan)
  return told(stage, tenantPath(stage.world, name), 'Ready', reason)
}

async function databaseOfOthers({ world }: Stage, _name: string, uid: string): Promise<void> {
  const { namespace } = world.installation
  const record = await world.api.get(`/api/v1/namespaces/${namespace}/configmaps/tenantry-installation`)
  const { owner } = databaseNames(record?.data?.['id'] ?? '', uid)
  await world.postgres.query(`CREATE ROLE ${owner}`)
}

async function namespaceOfOthers({ world }: Stage, name: string): Promise<void> {
  await world.api.send('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `tenant-${name}` },
  })
}

/** The name of a tenant whose namespace cannot go: an object in it waits for somebody's finalizer. */
async function heldNamespace(stage: Stage): Promise<string> {
  const name = await made(stage)
  await holdNamespace(stage.world, name)
  return name
}

const deleteNamespace = async ({ world }: Stage, name: string) => {
  const who = ['--as=system:kube-controller-manager', '--as-group=system:masters']
  await world.cluster.kubectl(['delete', 'namespace', `tenant-${name}`, '--wait=false', ...who])
}

const saying = (stage: Stage, name: string, reason: string, type = 'Ready') =>
  told(stage, tenantPath(stage.world, name), type, reason)

const single: readonly ((stage: Stage) => Promise<Stuck>)[] = [
  async (stage) => {
    const [first, name] = [await made(stage), newName()]
    await declareTenant(stage.world, name, { subdomain: first })
    return saying(stage, name, 'HostConflict')
  },
  (stage) => withForeign(stage, 'DatabaseConflict', databaseOfOthers),
  (stage) => withForeign(stage, 'NamespaceConflict', namespaceOfOthers),
  async (stage) => {
    const name = await made(stage)
    const path = `/api/v1/namespaces/tenant-${name}/limitranges/tenantry-limits`
    const found = await stage.world.api.get(path)
    const marks = Object.fromEntries(Object.keys(found?.metadata.labels ?? {}).map((label) => [label, null]))
    const spec = { limits: [{ type: 'Container', default: { memory: '1Gi' }, defaultRequest: { memory: '1Gi' } }] }
    await stage.world.api.send('PATCH', path, {
      metadata: { labels: marks, annotations: { 'tenantry.dev/tenant': null } },
      spec,
    })
    return saying(stage, name, 'ObjectConflict')
  },
  async (stage) => {
    const [name, namespace] = [newName(), `home-${newName()}`]
    const { api } = stage.world
    const label = (value: string | null) => ({ metadata: { labels: { 'tenantry.dev/home': value } } })
    const metadata = { name: namespace, labels: { 'tenantry.dev/home': 'true' } }
    await api.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
    const path = `${group}/namespaces/${namespace}/tenants`
    const spec = { displayName: 'Lost', subdomain: name }
    await api.send('POST', path, { apiVersion, kind: 'Tenant', metadata: { name }, spec })
    await told(stage, `${path}/${name}`, 'Ready', 'AwaitingAcceptance')
    await api.send('PATCH', `/api/v1/namespaces/${namespace}`, label(null))
    return told(stage, `${path}/${name}`, 'Stalled', 'Misplaced')
  },
  async (stage) => {
    const msp = await made(stage, { type: 'MSP', customers: { max: 1 } })
    await told(stage, await customer(stage, msp, {}), 'Ready', 'Provisioned')
    return told(stage, await customer(stage, msp, {}), 'Ready', 'CustomerLimitReached')
  },
  async (stage) => {
    const [there, name] = [await made(stage), newName()]
    const uid = (await tenantOf(stage.world, there))?.metadata.uid ?? ''
    await declareTenant(stage.world, name, {}, { 'tenantry.dev/adopt': uid })
    return saying(stage, name, 'AdoptionRefused')
  },
  (stage) => licensed(stage, 'LicenseForeign', { cloudId: 'another' }),
  (stage) => licensed(stage, 'LicenseExpired', { issuedAt: 0, expiresAt: 1_000 }, 'LicenseValid'),
  async (stage) => {
    const name = await made(stage)
    const quotas = `/api/v1/namespaces/tenant-${name}/resourcequotas`
    const spec = { hard: { 'count/secrets': '0' } }
    const { api } = stage.world
    await api.send('POST', quotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'theirs' }, spec })
    await eventually(async () => (await api.get(`${quotas}/theirs`))?.status?.['hard'] !== undefined, {
      timeout: 30_000,
      describe: 'the quota to count',
    })
    return eventually(
      async () => {
        // The apiserver that counts may hear of the quota after the one that was asked for it.
        await api.send('DELETE', `/api/v1/namespaces/tenant-${name}/secrets/tenantry-database`).catch(() => undefined)
        return saying(stage, name, 'QuotaExceeded')
      },
      { timeout: 90_000, describe: 'the quota to leave no room' },
    )
  },
  async (stage) => {
    const name = await heldNamespace(stage)
    await deleteNamespace(stage, name)
    return saying(stage, name, 'NamespaceTerminating')
  },
  async (stage) => {
    const name = await heldNamespace(stage)
    await removeOne(stage.world, `tenants/${name}`)
    return saying(stage, name, 'Deleting')
  },
  async (stage) => {
    const name = await heldNamespace(stage)
    const metadata = { annotations: { 'tenantry.dev/skip-final-dump': name } }
    await edit(stage.world, name, { metadata, spec: { state: 'Archived', archive: { retention: '1s' } } })
    return saying(stage, name, 'Purging')
  },
  async (stage) => {
    const name = await made(stage)
    await edit(stage.world, name, { spec: { state: 'Archived', archive: { retention: '1s' } } })
    return saying(stage, name, 'DumpFailed', 'Stalled')
  },
]

export const tenantStates: readonly State[] = [
  {
    title: 'tenants that are declared as they cannot be',
    reach: (stage) => Promise.all(Object.entries(declared).map(([reason, spec]) => asDeclared(stage, reason, spec))),
  },
  {
    title: 'customers that ask for more than their MSP may give',
    reach: (stage) => Promise.all(Object.keys(allowed).map((reason) => asCustomer(stage, reason))),
  },
  {
    title: 'tenants of which something is changed that stays',
    reach: (stage) => Promise.all(Object.entries(edited).map(([reason, spec]) => asEdited(stage, reason, spec))),
  },
  ...single.map((reach, index) => ({
    title: `tenants in whose way something stands (${index + 1})`,
    reach: async (stage: Stage) => [await reach(stage)],
  })),
]
