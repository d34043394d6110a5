/** Tenants on the servers that all tests share: declared, waited for, looked at from outside. */
import { randomBytes } from 'node:crypto'
import type { Condition, TenantConditionType } from '../../operator/api/conditions.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { apiOf } from '../harness/api.ts'
import type { Api, Stored } from '../harness/api.ts'
import { harness } from '../harness/context.ts'

import { acceptInvite } from '../harness/invitee.ts'
import { postgresAt } from '../harness/postgres-access.ts'
import type { Session } from '../harness/postgres-access.ts'
import { quickest } from '../harness/quickest.ts'
import { eventually } from '../harness/wait.ts'
import type { EventuallyOptions } from '../harness/wait.ts'

const group = '/apis/tenantry.dev/v1alpha1'

export const paths = {
  namespace: (name: string) => `/api/v1/namespaces/${name}`,
  tenants: (namespace: string) => `${group}/namespaces/${namespace}/tenants`,
  tenant: (namespace: string, name: string) => `${group}/namespaces/${namespace}/tenants/${name}`,
  admins: (namespace: string) => `${group}/namespaces/${namespace}/tenantadmins`,
  admin: (namespace: string, name: string) => `${group}/namespaces/${namespace}/tenantadmins/${name}`,
  plan: (name: string) => `${group}/tenantplans/${name}`,
  server: (name: string) => `${group}/databaseservers/${name}`,
  secret: (namespace: string, name = 'tenantry-database') => `/api/v1/namespaces/${namespace}/secrets/${name}`,
  claim: (name: string) => `/api/v1/namespaces/${harness().operator.namespace}/configmaps/${name}`,
  roleBinding: (namespace: string, name: string) =>
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/${name}`,
  networkPolicy: (namespace: string) =>
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/tenantry-isolation`,
  limits: (namespace: string) => `/api/v1/namespaces/${namespace}/limitranges/tenantry-limits`,
  quota: (namespace: string) => `/api/v1/namespaces/${namespace}/resourcequotas/tenantry-quota`,
} as const

/** A name that fits as a Cloud ID and as a subdomain, and that no other test has: `t3f9a1c0e`. */
export function tenantName(prefix = 't'): string {
  return `${prefix}${randomBytes(4).toString('hex')}`
}

/**
 * Long enough for a machine that does other things beside, and for a tenant that waits for a person: where nothing tells the
 * operator that it is mended, it looks again after up to two minutes. What has to be fast is measured where it is asked for.
 */
const waitTimeout = 240_000

export interface Scene {
  readonly api: Api
  /** The namespace that Tenants lie in. */
  readonly home: string
  /** Declares a Tenant, by default in the home namespace, provisioned at once. It is deleted after the test. */
  declare(
    spec?: Readonly<Record<string, unknown>>,
    at?: { readonly namespace?: string; name?: string },
  ): Promise<Tenant>
  declareAdmin(tenant: Tenant, spec?: Readonly<Record<string, unknown>>): Promise<TenantAdmin>
  /** Declares a TenantPlan with a name of its own, which is given back. */
  declarePlan(spec?: object): Promise<string>
  /** The Tenant as soon as `check` says so of it. */
  when(tenant: Tenant, check: (tenant: Tenant) => boolean, options?: EventuallyOptions): Promise<Tenant>
  adminWhen(admin: TenantAdmin, check: (admin: TenantAdmin) => boolean): Promise<TenantAdmin>
  /** Declared, provisioned at once, Ready. */
  provisioned(spec?: Readonly<Record<string, unknown>>): Promise<Tenant>
  /** Follows the link of the invite's mail and accepts. */
  accept(admin: TenantAdmin): Promise<TenantAdmin>
  /** Deletes it and waits until it is gone. */
  deleted(tenant: Tenant): Promise<void>
  /** Somebody has deleted it. */
  gone(tenant: Tenant): Promise<void>
  /** The ServiceAccount is there without which no pod is taken in this namespace. */
  takesPods(namespace: string): Promise<void>
  change(path: string, patch: object): Promise<Stored>
}

/** One connection a test file. */
export async function openScene(): Promise<Scene & AsyncDisposable> {
  const { cluster, operator } = harness()
  const api = await apiOf(cluster)
  const { home } = operator
  const at = ({ metadata }: Tenant) => paths.tenant(metadata.namespace ?? '', metadata.name)
  const when: Scene['when'] = (tenant, check, options) =>
    poll(() => api.get<Tenant>(at(tenant)), check, { describe: tenant.metadata.name, ...options })
  const gone: Scene['gone'] = async (tenant) => {
    const isGone = async () => (await api.get(at(tenant))) === undefined
    await eventually(isGone, { timeout: waitTimeout, describe: `the Tenant ${tenant.metadata.name} to be gone` })
  }
  const declare: Scene['declare'] = (spec = {}, { namespace = home, name = tenantName() } = {}) =>
    api.send<Tenant>('POST', paths.tenants(namespace), {
      apiVersion: 'tenantry.dev/v1alpha1',
      kind: 'Tenant',
      metadata: { name },
      spec: { displayName: `Test ${name}`, provisioning: 'Immediate', ...spec },
    })
  const adminWhen: Scene['adminWhen'] = (admin, check) =>
    poll(() => api.get<TenantAdmin>(paths.admin(admin.metadata.namespace ?? '', admin.metadata.name)), check, {
      describe: `the TenantAdmin ${admin.metadata.name}`,
    })
  return {
    api,
    home,
    declare,
    when,
    adminWhen,
    declareAdmin: ({ metadata }, spec = {}) => {
      const username = `${metadata.name}-${tenantName('a')}`
      return api.send<TenantAdmin>('POST', paths.admins(metadata.namespace ?? ''), {
        apiVersion: 'tenantry.dev/v1alpha1',
        kind: 'TenantAdmin',
        metadata: { name: username },
        spec: { tenantRef: { name: metadata.name }, username, email: `${username}@example.com`, ...spec },
      })
    },
    declarePlan: async (spec = {}) => {
      const name = tenantName('p')
      const metadata = { name }
      await api.send('POST', `${group}/tenantplans`, {
        apiVersion: 'tenantry.dev/v1alpha1',
        kind: 'TenantPlan',
        metadata,
        spec,
      })
      return name
    },
    provisioned: async (spec) => when(await declare(spec), isReady),
    accept: async (admin) => {
      const { spec } = await adminWhen(admin, ({ status }) => status?.invite?.status === 'Pending')
      const mail = await harness().mail.waitFor(({ to }) => to.includes(spec.email), { timeout: waitTimeout })
      const answer = await acceptInvite(mail.links[0] ?? '')
      if (answer !== 'accepted') throw new Error(`The invite to ${spec.email} was answered with ${answer}.`)
      return adminWhen(admin, ({ status }) => status?.invite?.status === 'Accepted')
    },
    deleted: async (tenant) => {
      await api.send('DELETE', at(tenant))
      await gone(tenant)
    },
    gone,
    takesPods: async (namespace) => {
      const account = `${paths.namespace(namespace)}/serviceaccounts/default`
      await eventually(() => api.get(account), {
        timeout: waitTimeout,
        describe: `the ServiceAccount of the pods in ${namespace}`,
      })
    },
    change: (path, patch) => api.send('PATCH', path, patch),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}

async function poll<T extends { readonly status?: unknown }>(
  read: () => Promise<T | undefined>,
  check: (object: T) => boolean,
  options: EventuallyOptions,
): Promise<T> {
  let last: T | undefined
  try {
    return await eventually(
      async () => {
        last = await read()
        return last !== undefined && check(last) ? last : undefined
      },
      { timeout: waitTimeout, ...options },
    )
  } catch (error) {
    throw new Error(`${String(error)}\n${JSON.stringify(last?.status, undefined, 1)}`, { cause: error })
  }
}

export function conditionOf(
  { status }: Tenant | TenantAdmin,
  type: TenantConditionType | 'InviteDelivered',
): Condition | undefined {
  return status?.conditions?.find((each) => each.type === type)
}

export const isReady = (tenant: Tenant): boolean =>
  conditionOf(tenant, 'Ready')?.status === 'True' && conditionOf(tenant, 'Available')?.status === 'True'

/** Ready is not True for this reason. */
export const waitsFor = (reason: string) => (tenant: Tenant) => {
  const ready = conditionOf(tenant, 'Ready')
  return ready?.status !== 'True' && ready?.reason === reason
}

/** The name of what was made, as its status records it. */
export function namespaceOf({ status }: Tenant): string {
  return known(status?.namespace)
}

export function databaseOf({ status }: Tenant) {
  const { name, roles } = status?.database ?? {}
  return { name: known(name), owner: known(roles?.owner), a: known(roles?.logins?.a), b: known(roles?.logins?.b) }
}

function known(value: string | undefined): string {
  if (value === undefined) throw new Error('The status does not tell that yet.')
  return value
}

/** What the binding Secret says, as plain text. */
export async function bindingOf({ api }: Scene, tenant: Tenant): Promise<Readonly<Record<string, string>>> {
  const secret = await api.get(paths.secret(namespaceOf(tenant)))
  const entries = Object.entries(secret?.data ?? {})
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

/** A session as an application opens it: by nothing but the binding, over TLS with the server's name verified. */
export async function logIn(binding: Readonly<Record<string, string>>): Promise<Session> {
  const { host = '', port = '', database = '', username = '', password = '', 'ca.crt': ca = '' } = binding
  const account = { user: username, password }
  const server = { ...harness().postgres, host, port: Number(port), ca }
  return postgresAt(server).connect({ ...account, database, applicationName: 'an application' })
}

/** Whether the binding opens a session on its database. */
export async function logsIn(binding: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    await using session = await logIn(binding)
    await session.query('SELECT 1')
    return true
  } catch {
    return false
  }
}

/** Milliseconds until `check` holds after `damage`; see {@link quickest}. */
export async function mended(
  limit: number,
  damage: () => Promise<unknown>,
  check: () => Promise<unknown>,
  describe: string,
): Promise<number> {
  return quickest(limit, async () => {
    await damage()
    return elapsed(check, describe)
  })
}

/** Milliseconds until `check` holds. */
export async function elapsed(check: () => Promise<unknown>, describe: string): Promise<number> {
  const start = performance.now()
  await eventually(async () => Boolean(await check()), { timeout: waitTimeout, interval: 10, describe })
  return performance.now() - start
}
