/** A world in which objects get stuck, and how it is seen that they are. */
import type { Stored } from '../harness/api.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import type { Issuer } from '../licenses.ts'
import { available, conditionOf, declareTenant, newName, pathOf } from './life.ts'
import type { RunningWorld } from './running.ts'

export const group = '/apis/tenantry.dev/v1alpha1'
export const apiVersion = 'tenantry.dev/v1alpha1'

export interface Stage {
  readonly world: RunningWorld
  /** More servers, empty. */
  readonly spare: readonly [Postgres, Postgres, Postgres, Postgres, Postgres]
  /** Whose license keys the operator takes. */
  readonly licenses: Issuer
}

/** An object, and the condition by which it says that it is stuck. */
export interface Stuck {
  readonly path: string
  readonly type: string
  readonly reason: string
}

export interface State {
  readonly title: string
  readonly reach: (stage: Stage) => Promise<readonly Stuck[]>
}

export const tenantPath = (world: RunningWorld, name: string) => pathOf(world, `tenants/${name}`)
export const serverPath = (name: string) => `${group}/databaseservers/${name}`
export const planPath = (name: string) => `${group}/tenantplans/${name}`

const isSaid = (object: Stored | undefined, { type, reason }: Pick<Stuck, 'type' | 'reason'>) =>
  conditionOf(object, type)?.reason === reason

/** What it says now, if that is not what it said. */
export async function insteadOf({ api }: RunningWorld, stuck: Stuck): Promise<string | undefined> {
  const found = await api.get(stuck.path)
  if (isSaid(found, stuck)) return undefined
  return `${stuck.path}, not ${stuck.reason}: ${JSON.stringify(found?.status?.['conditions'])}`
}

export async function told({ world }: Stage, path: string, type: string, reason: string): Promise<Stuck> {
  const stuck = { path, type, reason }
  await eventually(
    async () => {
      const found = await world.api.get(path)
      if (isSaid(found, stuck)) return true
      throw new Error(JSON.stringify(found?.status?.['conditions']))
    },
    { timeout: 60_000, describe: `${path} to be ${reason}` },
  )
  return stuck
}

export async function made({ world }: Stage, spec: object = {}): Promise<string> {
  const name = newName()
  // Not the default one, whichever that is.
  await declareTenant(world, name, { plan: world.installation.plan, ...spec })
  await available(world, name)
  return name
}

/** A DatabaseServer that takes who names it, and nobody else. */
export async function declareServer(
  { world }: Stage,
  postgres: Pick<Postgres, 'operator' | 'ca' | 'host' | 'port'>,
  other: { readonly spec?: object; readonly secret?: object } = {},
): Promise<string> {
  const name = `server-${newName()}`
  const { api, installation } = world
  const metadata = { name, namespace: installation.namespace }
  const { user: username, password } = postgres.operator
  const core = { apiVersion: 'v1', metadata }
  const at = `/api/v1/namespaces/${installation.namespace}`
  await api.send('POST', `${at}/secrets`, {
    ...core,
    kind: 'Secret',
    stringData: { username, password, ...other.secret },
  })
  await api.send('POST', `${at}/configmaps`, { ...core, kind: 'ConfigMap', data: { 'ca.crt': postgres.ca } })
  await api.send('POST', `${group}/databaseservers`, {
    apiVersion,
    kind: 'DatabaseServer',
    metadata: { name },
    spec: {
      endpoint: { host: postgres.host, port: postgres.port },
      admin: { secretRef: { name } },
      tls: { caConfigMapRef: { name } },
      ...other.spec,
    },
  })
  return name
}

export async function declarePlan({ world }: Stage, name = `plan-${newName()}`, spec: object = {}): Promise<string> {
  await world.api.send('POST', `${group}/tenantplans`, { apiVersion, kind: 'TenantPlan', metadata: { name }, spec })
  return name
}

/** What is in use goes only for somebody who repeats its name. */
export async function takeAway({ world: { api } }: Stage, path: string): Promise<void> {
  const annotations = { 'tenantry.dev/allow-deletion': path.slice(path.lastIndexOf('/') + 1) }
  await api.send('PATCH', path, { metadata: { annotations } })
  await api.send('DELETE', path)
  await eventually(async () => (await api.get(path)) === undefined, { timeout: 30_000, describe: `${path} to be gone` })
}
