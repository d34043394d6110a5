/** Plans and DatabaseServers that need a person. */
import { refuseByPolicy } from '../integration/refusing.ts'
import { addressOf, declareAdmin, declareTenant, edit, newName, pathOf } from './life.ts'
import {
  apiVersion,
  declarePlan,
  declareServer,
  group,
  made,
  planPath,
  serverPath,
  tenantPath,
  told,
} from './stuck-stage.ts'
import type { Stage, State } from './stuck-stage.ts'

/** With this of the DatabaseServer, or of its Secret, otherwise. */
const servers: Readonly<Record<string, { readonly spec?: object; readonly secret?: object }>> = {
  ServerLoginFailed: { secret: { password: 'not-this-one' } },
  SecretNotFound: { spec: { admin: { secretRef: { name: 'not-there' } } } },
  TlsVerificationFailed: { spec: { tls: {} } },
  DatabaseUnavailable: { spec: { endpoint: { host: '127.0.0.1', port: 1 } } },
}

async function weakAccount({ spare: [, , third] }: Stage): Promise<{ username: string; password: string }> {
  const username = `weak_${newName()}`
  const password = `secret-${username}`
  await third.query(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`)
  await third.query(`GRANT CONNECT ON DATABASE postgres TO ${username}`)
  return { username, password }
}

export const sharedStates: readonly State[] = [
  {
    title: 'servers that are declared as they cannot be used',
    reach: (stage) =>
      Promise.all(
        Object.entries(servers).map(async ([reason, { spec, secret }]) => {
          const name = await declareServer(stage, stage.world.postgres, {
            ...(spec && { spec }),
            ...(secret && { secret }),
          })
          return told(stage, serverPath(name), 'Ready', reason)
        }),
      ),
  },
  {
    title: 'a server whose account may too little',
    reach: async (stage) => {
      const name = await declareServer(stage, stage.spare[2], { secret: await weakAccount(stage) })
      return [await told(stage, serverPath(name), 'Stalled', 'ServerPrivilegesMissing')]
    },
  },
  {
    title: 'a server that lets everybody in',
    reach: async (stage) => {
      await stage.spare[3].query('CREATE DATABASE open_to_all')
      const name = await declareServer(stage, stage.spare[3])
      return [await told(stage, serverPath(name), 'Stalled', 'PublicMayConnect')]
    },
  },
  {
    title: 'a server that cannot make a database as its tenants need it',
    reach: async (stage) => {
      // Nobody else is placed there.
      const spec = { locale: { name: 'xx_XX.none' }, capacity: { maxTenants: 1 } }
      const server = await declareServer(stage, stage.spare[4], { spec })
      const [schema, refused] = [newName(), newName()]
      const { plan } = stage.world.installation
      await declareTenant(stage.world, refused, { plan, database: { server } })
      await declareTenant(stage.world, schema, { plan, database: { server, isolation: 'Schema' } })
      return [
        await told(stage, tenantPath(stage.world, refused), 'Stalled', 'LocaleRefused'),
        await told(stage, tenantPath(stage.world, schema), 'Ready', 'IsolationNotOffered'),
      ]
    },
  },
  {
    title: 'a plan whose role may not be bound',
    reach: async (stage) => {
      const name = await declarePlan(stage, undefined, { roles: { all: 'cluster-admin' } })
      return [await told(stage, planPath(name), 'Stalled', 'RoleNotBindable')]
    },
  },
]

/** Two tenants whose plans are edited: as the API server does not take it, and as another's policy does not. */
export const planStates: readonly State[] = [
  {
    title: 'an edit of a plan that the API server refuses, and who comes from another plan or is new',
    reach: async (stage) => {
      const { world } = stage
      const plan = await declarePlan(stage, undefined, { quota: { pods: '5' } })
      await made(stage, { plan })
      await world.api.send('PATCH', planPath(plan), { spec: { quota: { pods: '1.5' } } })
      const refused = await told(stage, planPath(plan), 'Stalled', 'PlanRefused')
      const [moved, next] = [await made(stage), newName()]
      await edit(world, moved, { spec: { plan } })
      await declareTenant(world, next, { plan })
      return [
        refused,
        await told(stage, tenantPath(world, moved), 'Reconciling', 'PlanNotReady'),
        await told(stage, tenantPath(world, next), 'Reconciling', 'PlanNotReady'),
      ]
    },
  },
  {
    title: 'a write that a policy refuses',
    reach: async (stage) => {
      const { api } = stage.world
      const plan = await declarePlan(stage, undefined, { quota: { pods: '5' } })
      const tenant = await made(stage, { plan })
      const refused = {
        namespace: `tenant-${tenant}`,
        group: '',
        resource: 'resourcequotas',
        operations: ['UPDATE'],
      } as const
      await refuseByPolicy(api, `frozen-${tenant}`, refused, 'No quota changes.')
      await api.send('PATCH', planPath(plan), { spec: { quota: { pods: '6' } } })
      return [await told(stage, tenantPath(stage.world, tenant), 'Stalled', 'ApiServerRefused')]
    },
  },
]

/** What concerns everybody, and so comes last. */
export const lastStates: readonly State[] = [
  {
    title: 'a relay that refuses the installation',
    reach: async (stage) => {
      const { world } = stage
      const tenants = [await made(stage), await made(stage)]
      for (const tenant of tenants)
        world.mail.fault({ recipient: addressOf(tenant), effect: { reply: 554, text: '5.7.1 relay access denied' } })
      for (const tenant of tenants) await declareAdmin(world, tenant)
      const paths = tenants.map((tenant) => pathOf(world, `tenantadmins/${tenant}-ada`))
      return Promise.all(paths.map((path) => told(stage, path, 'Stalled', 'MailConfigurationError')))
    },
  },
  {
    title: 'two default plans, and who names none',
    reach: async (stage) => {
      const { api } = stage.world
      const [name, tenant] = [`plan-${newName()}`, newName()]
      const spec = { default: true }
      await api.send('POST', `${group}/tenantplans`, { apiVersion, kind: 'TenantPlan', metadata: { name }, spec })
      const plan = await told(stage, planPath(name), 'Stalled', 'MultipleDefaultPlans')
      await declareTenant(stage.world, tenant)
      return [plan, await told(stage, tenantPath(stage.world, tenant), 'Ready', 'MultipleDefaultPlans')]
    },
  },
]
