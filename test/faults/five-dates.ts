/** Five dates at once: an invite's, an account's, a license's, an archive's and that of access that was granted. */
import { annotations, grantedBindingName } from '../../operator/api/names.ts'
import { timestamp } from '../../operator/runtime/base/clock.ts'
import type { Stored } from '../harness/api.ts'
import { credentialsOf, loginsOn } from '../harness/facts.ts'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { reasonsIn } from './told.ts'
import type { Issuer } from '../licenses.ts'
import {
  accept,
  addressOf,
  adminOf,
  available,
  declare,
  declareAdmin,
  declareTenant,
  edit,
  inviteOf,
  isReady,
  newName,
  pathOf,
  tenantOf,
} from './life.ts'

const group = '/apis/tenantry.dev/v1alpha1'
const apiVersion = 'tenantry.dev/v1alpha1'

/** An MSP whose technician has accepted, and a customer of it. */
export interface Household {
  readonly technician: string
  /** The MSP's namespace, with the customer in it. */
  readonly namespace: string
  readonly customer: string
  readonly customerNamespace: string
}

/** The names of Tenants, and of one AccessGrant. */
export interface FiveDates {
  readonly invited: string
  readonly account: string
  readonly licensed: string
  readonly archived: string
  readonly archivedDatabase: string
  readonly grant: string
  /** The earliest and the latest of the dates; milliseconds since the epoch, by the operator's clock. */
  readonly first: number
  readonly last: number
}

/** What is so of each, in the operator's words and seen from outside. */
export type EffectiveState = Readonly<Record<'invite' | 'account' | 'license' | 'archive' | 'grant', string>>

export const before: EffectiveState = {
  invite: 'Pending',
  account: 'Active, open',
  license: 'Active, open',
  archive: 'Archived, kept',
  grant: 'Active, bound',
}

export const after: EffectiveState = {
  invite: 'Expired',
  account: 'Expired, closed',
  license: 'Expired, closed',
  archive: 'Purged, gone',
  grant: 'Ended, unbound',
}

export async function household(world: World): Promise<Household> {
  const [msp, customer] = [newName(), newName()]
  await declareTenant(world, msp, { type: 'MSP' })
  await declareAdmin(world, msp, { role: 'Technician' })
  const namespace = namespaceOf(await available(world, msp))
  await world.api.send('POST', `${group}/namespaces/${namespace}/tenants`, {
    apiVersion,
    kind: 'Tenant',
    metadata: { name: customer },
    spec: { displayName: 'A customer', subdomain: customer, provisioning: 'Immediate' },
  })
  await accept(world, msp)
  const made = await eventually(
    async () => {
      const tenant = await world.api.get(`${group}/namespaces/${namespace}/tenants/${customer}`)
      return isReady(tenant) ? tenant : undefined
    },
    { timeout: 60_000, describe: 'the customer to be ready' },
  )
  return { technician: addressOf(msp), namespace, customer, customerNamespace: namespaceOf(made) }
}

/** Declares all, with dates a week ahead, and waits until all is as in {@link before}. The account's admin has accepted. */
export async function fiveDates(world: World, at: Household, licenses: Issuer): Promise<FiveDates> {
  const names = { invited: newName(), account: newName(), licensed: newName(), archived: newName(), grant: newName() }
  const { invited, account, licensed, archived, grant } = names
  await declareTenant(world, archived, { archive: { retention: '7d' } }, { [annotations.skipFinalDump]: archived })
  const { status } = await available(world, archived)
  const [purge, invite] = await Promise.all([archive(world, archived), invitation(world, invited)])
  const [first, last] = [Math.min(purge, invite), Math.max(purge, invite)]
  const until = timestamp(last)
  const key = await licenses.issue({ cloudId: licensed, issuedAt: Date.now(), expiresAt: last })
  await declareTenant(world, licensed, { license: { key } })
  await declare(world, account, { expiresAt: until })
  await world.api.send('POST', `${group}/namespaces/${at.namespace}/accessgrants`, {
    apiVersion,
    kind: 'AccessGrant',
    metadata: { name: grant },
    spec: { type: 'Delegation', tenantRef: { name: at.customer }, username: 'ada', until },
  })
  await accept(world, account)
  const { name: archivedDatabase = '' } = (status?.['database'] ?? {}) as { readonly name?: string } // of our own schema
  const five = { ...names, archivedDatabase, first, last }
  await stands(world, at, five, before)
  await warned(world, account)
  return five
}

/** A week ahead it is time for that, and its mail is out. */
async function warned(world: World, name: string): Promise<void> {
  const sent = async () => {
    const { sentAt } = ((await adminOf(world, name))?.status?.['expiryWarning'] ?? {}) as { readonly sentAt?: string } // of our own schema
    return sentAt
  }
  await eventually(sent, { timeout: 60_000, describe: `the warning of ${name}'s end` })
}

/** Answers when the data goes. */
async function archive(world: World, name: string): Promise<number> {
  await edit(world, name, { spec: { state: 'Archived' } })
  return eventually(
    async () => {
      const tenant = await tenantOf(world, name)
      const date = tenant?.status?.['purgeAfter']
      return isReady(tenant) && typeof date === 'string' ? Date.parse(date) : undefined
    },
    { timeout: 60_000, describe: `the archive of ${name}` },
  )
}

/** Answers when the invite expires. */
async function invitation(world: World, name: string): Promise<number> {
  await declare(world, name)
  return eventually(
    async () => {
      const { sentAt, expiresAt } = inviteOf(await adminOf(world, name))
      return sentAt !== undefined && typeof expiresAt === 'string' ? Date.parse(expiresAt) : undefined
    },
    { timeout: 60_000, describe: `the invite of ${name}` },
  )
}

/** Waits until they stand so. The error says how they do. */
export async function stands(world: World, at: Household, five: FiveDates, wanted: EffectiveState): Promise<void> {
  const check = async () => {
    const found = JSON.stringify(await standing(world, at, five))
    if (found === JSON.stringify(wanted)) return true
    throw new Error(found)
  }
  await eventually(check, { timeout: 90_000, interval: 200, describe: 'the five dates' })
}

export async function standing(world: World, at: Household, five: FiveDates): Promise<EffectiveState> {
  const [invite, account, license, archived, grant] = await Promise.all([
    adminOf(world, five.invited),
    tenantStanding(world, five.account),
    tenantStanding(world, five.licensed),
    tenantOf(world, five.archived),
    world.api.get(`${group}/namespaces/${at.namespace}/accessgrants/${five.grant}`),
  ])
  const kept = await world.postgres.query('SELECT FROM pg_database WHERE datname = $1', [five.archivedDatabase])
  return {
    invite: String(inviteOf(invite)['status']),
    account,
    license,
    archive: `${isPurging(archived) ? 'Purging' : phaseOf(archived)}, ${kept.length > 0 ? 'kept' : 'gone'}`,
    grant: `${phaseOf(grant)}, ${(await isBound(world, at)) ? 'bound' : 'unbound'}`,
  }
}

/** The phase is Purged from the first step on. */
function isPurging(tenant: Stored | undefined): boolean {
  const purge = (tenant?.status?.['purge'] ?? {}) as { readonly startedAt?: string; readonly finishedAt?: string } // of our own schema
  return purge.startedAt !== undefined && purge.finishedAt === undefined
}

async function tenantStanding(world: World, name: string): Promise<string> {
  const tenant = await tenantOf(world, name)
  const [account] = credentialsOf({ bindings: await bindings(world, namespaceOf(tenant)) })
  const { database = '', username = '', password = '' } = account ?? {}
  return `${phaseOf(tenant)}, ${(await loginsOn(world.postgres)(database, username, password)) ? 'open' : 'closed'}`
}

async function bindings(world: World, namespace: string): Promise<readonly Stored[]> {
  const secret = await world.api.get(`/api/v1/namespaces/${namespace}/secrets/tenantry-database`)
  return secret === undefined ? [] : [secret]
}

/** Which of the two login roles applications of the customer are given. */
export async function customerLogin(world: World, at: Household): Promise<string | undefined> {
  return credentialsOf({ bindings: await bindings(world, at.customerNamespace) })[0]?.username
}

async function isBound(world: World, { customerNamespace, technician }: Household): Promise<boolean> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${customerNamespace}/rolebindings/${grantedBindingName}`
  const binding = await world.api.get<{ readonly subjects?: readonly { readonly name: string }[] }>(path)
  return binding?.subjects?.some(({ name }) => name === technician) === true
}

/** The reasons of all Events about each of the five, in alphabetical order; one that was told again says so. */
export async function toldOf(world: World, five: FiveDates): Promise<Readonly<Record<keyof EffectiveState, string>>> {
  const about = await reasonsIn(world)
  return {
    invite: about('TenantAdmin', `${five.invited}-ada`),
    account: about('Tenant', five.account),
    license: about('Tenant', five.licensed),
    archive: about('Tenant', five.archived),
    grant: about('AccessGrant', five.grant),
  }
}

export function inviteePath(world: World, { invited }: FiveDates): string {
  return pathOf(world, `tenantadmins/${invited}-ada`)
}

function namespaceOf(tenant: Stored | undefined): string {
  return String(tenant?.status?.['namespace'])
}

function phaseOf(object: Stored | undefined): string {
  return String(object?.status?.['phase'])
}
