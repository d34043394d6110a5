/** Persons who mean harm, with no more rights than a tenant's people have: the apiserver as it looks to them. */
import { readFile } from 'node:fs/promises'
import { Agent } from 'undici'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { isReady, namespaceOf, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

export interface Answer {
  readonly status: number
  /** The apiserver's sentence, or the object. */
  readonly text: string
}

export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Person extends AsyncDisposable {
  readonly name: string
  /** One request; nothing is thrown for a refusal. A PATCH is a merge patch. */
  try(verb: Verb, path: string, body?: object): Promise<Answer>
}

/** This Kubernetes user, in no group but that of everybody who has logged in. */
export async function person(name: string, extra: Readonly<Record<string, string>> = {}): Promise<Person> {
  return caller(name, { 'impersonate-user': name, ...extra }, await rootIdentity())
}

/** Whoever has this token. */
export async function holderOf(
  token: string,
  name: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<Person> {
  return caller(name, { authorization: `Bearer ${token}`, ...extra }, {})
}

interface Identity {
  readonly token?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

async function rootIdentity(): Promise<Identity> {
  const { kubeconfigPath } = harness().cluster
  const { users } = JSON.parse(await readFile(kubeconfigPath, 'utf8')) as {
    readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }]
  } // of test/harness/kubeconfig.ts, or of kubectl
  const { token, ...pair } = users[0].user
  const plain = (name: string) =>
    pair[name] === undefined ? undefined : Buffer.from(pair[name], 'base64').toString('utf8')
  return { token, cert: plain('client-certificate-data'), key: plain('client-key-data') }
}

function caller(name: string, headers: Readonly<Record<string, string>>, { token, cert, key }: Identity): Person {
  const { server, ca } = harness().cluster
  const trust = ca === '' ? {} : { ca }
  const agent = new Agent({
    allowH2: true,
    connect: { ...trust, ...(cert === undefined || key === undefined ? {} : { cert, key }) },
  })
  return {
    name,
    async try(method, path, body) {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const response = await agent.request({
        origin: server,
        path,
        method,
        headers: {
          accept: 'application/json',
          'content-type': type,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      })
      return { status: response.statusCode, text: await response.body.text() }
    },
    [Symbol.asyncDispose]: () => agent.close(),
  }
}

/** A Tenant with an admin who has accepted and whose Kubernetes user is bound. */
export interface Household {
  readonly tenant: Tenant
  readonly namespace: string
  readonly admin: TenantAdmin
  readonly user: string
}

/** Declares a Tenant and its admin, accepts, and waits until the admin may do what admins may. */
export async function household(
  scene: Scene,
  spec: Readonly<Record<string, unknown>> = {},
  at?: { readonly namespace: string },
): Promise<Household> {
  const declared = await scene.declare(spec, at)
  const admin = await scene.accept(await scene.declareAdmin(declared))
  const tenant = await scene.when(declared, isReady)
  const namespace = namespaceOf(tenant)
  const bound = async () => (await scene.api.get(paths.roleBinding(namespace, 'tenantry-admins'))) !== undefined
  await eventually(bound, { timeout: 90_000, describe: `the RoleBinding of ${admin.spec.email}` })
  const user = admin.spec.email.toLowerCase()
  await using acting = await person(user)
  // The apiserver's authorizer hears of it a moment later.
  const may = async () => (await acting.try('GET', paths.secret(namespace))).status === 200
  await eventually(may, { timeout: 90_000, describe: `${user} to read the Secret` })
  return { tenant, namespace, admin, user }
}

export interface SecurityScene extends Scene, AsyncDisposable {
  /** An MSP that may have two customers, on the plan and the server of the installation only. */
  readonly msp: Household
  /** Its first customer. */
  readonly customer: Household
  /** A tenant that has nothing to do with either. */
  readonly neighbour: Household
}

export async function openSecurityScene(): Promise<SecurityScene> {
  const scene = await openScene()
  const { plan, server } = harness().operator
  const customers = { plans: [plan], servers: [server], max: 2 }
  const [msp, neighbour] = await Promise.all([household(scene, { type: 'MSP', customers }), household(scene)])
  const customer = await household(scene, {}, { namespace: msp.namespace })
  return { ...scene, msp, customer, neighbour }
}
