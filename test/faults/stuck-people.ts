/** TenantAdmins and AccessGrants that wait for something, or need a person. */
import type { Stored } from '../harness/api.ts'
import { accept, addressOf, declare, declareAdmin, newName, pathOf } from './life.ts'
import { apiVersion, declarePlan, group, made, told } from './stuck-stage.ts'
import type { Stage, State, Stuck } from './stuck-stage.ts'

const adminPath = (stage: Stage, name: string) => pathOf(stage.world, `tenantadmins/${name}`)

function admin({ world }: Stage, name: string, spec: object): Promise<Stored> {
  const common = { username: name, email: `${name}@example.com` }
  return world.api.send('POST', pathOf(world, 'tenantadmins'), {
    apiVersion,
    kind: 'TenantAdmin',
    metadata: { name },
    spec: { ...common, ...spec },
  })
}

/** Declared so for a tenant that is there, an admin says this. */
const declared: Readonly<Record<string, object>> = {
  TenantNotFound: { tenantRef: { name: 'not-there' } },
  TechnicianNotAllowed: { role: 'Technician' },
  SecretNotFound: { passwordSecretRef: { name: 'not-there' } },
  PasswordSecretInvalid: { passwordSecretRef: { name: 'no-password' } },
}

async function asDeclared(stage: Stage, reason: string, spec: object): Promise<Stuck> {
  const tenant = await made(stage)
  const name = `${tenant}-admin`
  await admin(stage, name, { tenantRef: { name: tenant }, ...spec })
  return told(stage, adminPath(stage, name), 'Ready', reason)
}

/** The relay answers so to the address. */
async function answered(stage: Stage, reason: string, reply: number, text: string): Promise<Stuck> {
  const tenant = await made(stage)
  stage.world.mail.fault({ recipient: addressOf(tenant), effect: { reply, text } })
  await declareAdmin(stage.world, tenant)
  return told(stage, adminPath(stage, `${tenant}-ada`), 'Ready', reason)
}

async function planned(stage: Stage, reason: string, admins: object): Promise<Stuck> {
  const plan = await declarePlan(stage, undefined, { admins })
  const tenant = await made(stage, { plan })
  for (const each of ['one', 'two']) {
    await admin(stage, `${tenant}-${each}`, { tenantRef: { name: tenant } })
    if (each === 'one') await told(stage, adminPath(stage, `${tenant}-one`), 'Ready', 'AwaitingAnswer')
  }
  return told(stage, adminPath(stage, `${tenant}-two`), 'Ready', reason)
}

async function grant(stage: Stage, reason: string, username: string): Promise<Stuck> {
  const { api } = stage.world
  const msp = await made(stage, { type: 'MSP' })
  const [customer, name] = [newName(), newName()]
  const path = `${group}/namespaces/tenant-${msp}`
  const spec = { displayName: 'A customer', provisioning: 'Immediate', subdomain: customer }
  await api.send('POST', `${path}/tenants`, { apiVersion, kind: 'Tenant', metadata: { name: customer }, spec })
  const tenantRef = { name: reason === 'TenantNotFound' ? 'not-there' : customer }
  await admin(stage, `${msp}-admin`, { tenantRef: { name: msp } })
  await api.send('POST', `${path}/accessgrants`, {
    apiVersion,
    kind: 'AccessGrant',
    metadata: { name },
    spec: { type: 'Delegation', tenantRef, username: username === 'admin' ? `${msp}-admin` : username },
  })
  return told(stage, `${path}/accessgrants/${name}`, 'Ready', reason)
}

const single: readonly ((stage: Stage) => Promise<Stuck>)[] = [
  (stage) => answered(stage, 'MailPermanentError', 550, '5.1.1 no such user'),
  (stage) => answered(stage, 'MailTransientError', 451, '4.3.0 try again later'),
  (stage) => planned(stage, 'AdminLimitReached', { max: 1 }),
  (stage) => planned(stage, 'InviteLimitReached', { invitesPerDay: 1 }),
  (stage) => grant(stage, 'GranteeNotFound', 'nobody'),
  (stage) => grant(stage, 'TenantNotFound', 'nobody'),
  (stage) => grant(stage, 'GrantNotAllowed', 'admin'),
  async (stage) => {
    const { name } = await declare(stage.world, newName())
    await accept(stage.world, name)
    await told(stage, adminPath(stage, `${name}-ada`), 'Ready', 'Accepted')
    await admin(stage, `${name}-two`, { tenantRef: { name }, username: 'ada' })
    return told(stage, adminPath(stage, `${name}-two`), 'Ready', 'UsernameTaken')
  },
  async (stage) => {
    const { name } = await declare(stage.world, newName())
    await accept(stage.world, name)
    await told(stage, adminPath(stage, `${name}-ada`), 'Ready', 'Accepted')
    await stage.world.api.send('PATCH', adminPath(stage, `${name}-ada`), { spec: { email: 'eve@example.com' } })
    return told(stage, adminPath(stage, `${name}-ada`), 'Stalled', 'AddressChanged')
  },
  async (stage) => {
    const tenant = await made(stage)
    const permissions = ['not-offered']
    await admin(stage, `${tenant}-sub`, {
      tenantRef: { name: tenant },
      role: 'SubAdmin',
      permissions,
      email: addressOf(tenant),
    })
    return told(stage, adminPath(stage, `${tenant}-sub`), 'Stalled', 'RoleNotOffered')
  },
]

export const peopleStates: readonly State[] = [
  {
    title: 'admins that are declared as they cannot be',
    reach: async (stage) => {
      const { api, installation } = stage.world
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'no-password' },
        stringData: { other: 'key' },
      }
      await api.send('POST', `/api/v1/namespaces/${installation.home}/secrets`, { ...secret, type: 'Opaque' })
      return Promise.all(Object.entries(declared).map(([reason, spec]) => asDeclared(stage, reason, spec)))
    },
  },
  ...single.map((reach, index) => ({
    title: `people who wait, or need somebody (${index + 1})`,
    reach: async (stage: Stage) => [await reach(stage)],
  })),
]
