/**
 * The states in which something is missing, held or waits for a person: how each is reached with people's own means, and
 * how it is told. A state that is added to the product is added here.
 */
import { eventually } from '../harness/wait.ts'
import {
  accept,
  adminOf,
  available,
  conditionOf,
  databaseOf,
  declare,
  declareTenant,
  deletePastPolicy,
  edit,
  inviteOf,
  newName,
  pathOf,
  removeOne,
  removePastPolicy,
  removeTenant,
  tearOut,
  tenantOf,
} from './life.ts'
import { peopleStates } from './stuck-people.ts'
import { lastStates, planStates, sharedStates } from './stuck-shared.ts'
import {
  apiVersion,
  declarePlan,
  declareServer,
  group,
  made,
  planPath,
  serverPath,
  takeAway,
  tenantPath,
  told,
} from './stuck-stage.ts'
import type { State } from './stuck-stage.ts'
import { tenantStates } from './stuck-tenants.ts'

export const states: readonly State[] = [
  ...peopleStates,
  ...sharedStates,
  ...planStates,
  ...tenantStates,
  {
    title: 'a database that was dropped',
    reach: async (stage) => {
      const { world } = stage
      const name = await made(stage)
      await world.postgres.query(`DROP DATABASE ${databaseOf(await tenantOf(world, name)).name} WITH (FORCE)`)
      return [await told(stage, tenantPath(world, name), 'Stalled', 'DatabaseMissing')]
    },
  },
  {
    title: 'a database that was dropped while the deletion of its Tenant is protected',
    reach: async (stage) => {
      const { world } = stage
      const name = await made(stage)
      await edit(world, name, { spec: { deletion: { protected: true } } })
      await removePastPolicy(world, name)
      const path = tenantPath(world, name)
      const first = await told(stage, path, 'Stalled', 'DeletionProtected')
      await world.postgres.query(`DROP DATABASE ${databaseOf(await tenantOf(world, name)).name} WITH (FORCE)`)
      return [first, await told(stage, path, 'DatabaseReady', 'DatabaseMissing')]
    },
  },
  {
    title: 'a schema that was dropped, its shared database too, and who is placed there next',
    reach: async (stage) => {
      const { world } = stage
      await world.api.send('PATCH', serverPath('main'), { spec: { isolation: ['Database', 'Schema'] } })
      const name = await made(stage, { database: { isolation: 'Schema' } })
      const { name: database = '', schema = '' } = databaseOf(await tenantOf(world, name))
      await using session = await world.postgres.connect({ database })
      await session.query(`DROP SCHEMA ${schema} CASCADE`)
      const first = await told(stage, tenantPath(world, name), 'Stalled', 'DatabaseMissing')
      await world.postgres.query(`DROP DATABASE ${database} WITH (FORCE)`)
      const next = newName()
      await declareTenant(world, next, { plan: world.installation.plan, database: { isolation: 'Schema' } })
      return [first, await told(stage, tenantPath(world, next), 'Stalled', 'DatabaseMissing')]
    },
  },
  {
    title: 'another server, a server that is gone, and their tenants',
    reach: async (stage) => {
      const { world, spare } = stage
      const [lost, moved] = [await declareServer(stage, spare[1]), await declareServer(stage, spare[0])]
      const orphan = await made(stage, { database: { server: lost } })
      const tenant = await made(stage, { database: { server: moved } })
      await takeAway(stage, serverPath(lost))
      const gone = await told(stage, tenantPath(world, orphan), 'DatabaseReady', 'DatabaseServerNotFound')
      const { user, password } = spare[0].operator
      await spare[1].query(`ALTER ROLE ${user} PASSWORD '${password}'`)
      await world.api.send('PATCH', serverPath(moved), {
        spec: { endpoint: { port: spare[1].port }, tls: { mode: 'require' } },
      })
      return [
        gone,
        await told(stage, serverPath(moved), 'Stalled', 'AnotherServer'),
        await told(stage, tenantPath(world, tenant), 'DatabaseReady', 'DatabaseServerNotReady'),
      ]
    },
  },
  {
    title: 'a server that another DatabaseServer has, and who asks for it',
    reach: async (stage) => {
      const { world } = stage
      const twin = await declareServer(stage, world.postgres)
      const name = newName()
      const stuck = await told(stage, serverPath(twin), 'Stalled', 'DuplicateServer')
      await declareTenant(world, name, { plan: world.installation.plan, database: { server: twin } })
      return [stuck, await told(stage, tenantPath(world, name), 'Ready', 'DatabaseServerNotReady')]
    },
  },
  {
    title: 'plans that are deleted and in use, and gone',
    reach: async (stage) => {
      const { world } = stage
      const [held, gone] = [await declarePlan(stage), await declarePlan(stage)]
      await made(stage, { plan: held })
      const name = await made(stage, { plan: gone })
      const isHeld = async () => (await world.api.get(planPath(held)))?.metadata.finalizers !== undefined
      await eventually(isHeld, { timeout: 30_000, describe: `${held} to be known as in use` })
      await deletePastPolicy(world.cluster, 'tenantplan', held)
      await takeAway(stage, planPath(gone))
      return [
        await told(stage, planPath(held), 'Stalled', 'InUse'),
        await told(stage, tenantPath(world, name), 'Ready', 'PlanNotFound'),
      ]
    },
  },
  {
    title: 'leftovers of a Tenant that was torn out, and the next of its name',
    reach: async (stage) => {
      const { world } = stage
      const name = await made(stage)
      await tearOut(world.api, tenantPath(world, name))
      await declareTenant(world, name)
      return [
        await told(stage, serverPath('main'), 'Leftovers', 'TenantGone'),
        await told(stage, tenantPath(world, name), 'Stalled', 'CloudIdConflict'),
      ]
    },
  },
  {
    title: 'an admin of a Tenant in whose place there is another',
    reach: async (stage) => {
      const { world } = stage
      const { name, adminUid } = await declare(world, newName())
      await accept(world, name)
      await available(world, name)
      await removeTenant(world, name)
      await declareTenant(world, name)
      const path = pathOf(world, `tenantadmins/${name}-ada`)
      const stuck = await told(stage, path, 'Ready', 'TenantReplaced')
      const isInvited = async () => inviteOf(await adminOf(world, name))['sentAt'] !== undefined
      await eventually(isInvited, { timeout: 60_000, describe: `${adminUid} to be invited anew` })
      return [stuck]
    },
  },
  {
    title: 'deletions that are protected, held up by a customer, or beyond the brake',
    reach: async (stage) => {
      const { world } = stage
      const [protectedOne, msp] = [await made(stage), await made(stage, { type: 'MSP' })]
      const rest = await Promise.all([1, 2, 3, 4, 5].map(() => made(stage)))
      await world.api.send('POST', `${group}/namespaces/tenant-${msp}/tenants`, {
        apiVersion,
        kind: 'Tenant',
        metadata: { name: newName() },
        spec: { displayName: 'A customer' },
      })
      await edit(world, protectedOne, { spec: { deletion: { protected: true } } })
      await removePastPolicy(world, protectedOne)
      const stalled = (name: string, reason: string) => told(stage, tenantPath(world, name), 'Stalled', reason)
      const first = await stalled(protectedOne, 'DeletionProtected')
      await removeOne(world, `tenants/${msp}`)
      const second = await stalled(msp, 'HasCustomers')
      for (const name of rest) await removeOne(world, `tenants/${name}`)
      // Of those that are deleted within one second, their names say which go first.
      const isHeld = async (name: string) =>
        conditionOf(await tenantOf(world, name), 'Stalled')?.reason === 'DeletionHeld' ? name : undefined
      const held = await eventually(
        async () => (await Promise.all(rest.map(isHeld))).find((name) => name !== undefined),
        {
          timeout: 60_000,
          describe: 'one of five deletions to be held',
        },
      )
      return [first, second, await stalled(held, 'DeletionHeld')]
    },
  },
  ...lastStates,
]
