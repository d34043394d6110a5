/**
 * The table of a tenant's transitions, found by living them: each state meets each event in the world of the unit tests, and
 * what changes is written down. docs/explanation/transitions.md is this table; run this file to write it anew.
 */
import { fileURLToPath } from 'node:url'
import { writeFile } from 'node:fs/promises'

import { databaseNames } from '../../../operator/api/names.ts'
import { tenant, tenantAdmin, tenantSettings } from '../../gen.ts'
import { dumpRecord } from '../dump/gen.ts'
import { ground } from './world.ts'
import type { World } from './world.ts'

const key = 'tenant-northwind/acme'
const day = 86_400_000
const { owner } = databaseNames(tenantSettings.installation, 'uid-acme', 'Database')

export interface Transition {
  readonly from: string
  readonly event: string
  readonly to: string
  readonly ready: string
  readonly cluster: readonly string[]
  readonly database: readonly string[]
}

type Change = (world: World) => void | Promise<void>

const edit =
  (spec: Readonly<Record<string, unknown>>) =>
  (world: World): void =>
    world.edit(spec, key)

const annotate =
  (name: string, value: string): Change =>
  (world) => {
    const before = world.tenant(key)
    const annotations = { ...before.metadata.annotations, [name]: value }
    world.cluster.put({ ...before, metadata: { ...before.metadata, annotations } })
  }

/** How the tenant comes into each state, from one that is Active unless it says otherwise. */
const states: readonly (readonly [name: string, arrange: Change])[] = [
  ['Pending', () => {}],
  ['Active', () => {}],
  ['Deactivated', edit({ state: 'Deactivated' })],
  ['Deactivated, by the MSP above', (world) => world.edit({ state: 'Deactivated' }, 'home/northwind')],
  ['Archived', edit({ state: 'Archived' })],
  ['Expired', edit({ expiresAt: '2029-12-31T00:00:00Z' })],
  [
    'Purged',
    async (world) => {
      edit({ state: 'Archived' })(world)
      await world.settle(key)
      await world.clock.advance(31 * day)
    },
  ],
]

const events: readonly (readonly [name: string, happen: Change])[] = [
  ['the first admin accepts', (world) => void world.cluster.put(tenantAdmin({ namespace: 'tenant-northwind' }))],
  ['`state: Active`', edit({ state: 'Active' })],
  ['`state: Deactivated`', edit({ state: 'Deactivated' })],
  ['`state: Archived`', edit({ state: 'Archived' })],
  ['the MSP above is turned off', (world) => world.edit({ state: 'Deactivated' }, 'home/northwind')],
  ['the MSP above is turned on', (world) => world.edit({ state: 'Active' }, 'home/northwind')],
  ['`expiresAt` passes', edit({ expiresAt: '2029-12-31T00:00:00Z' })],
  ['`expiresAt` is moved ahead', edit({ expiresAt: '2039-12-31T00:00:00Z' })],
  ['31 days pass', (world) => world.clock.advance(31 * day)],
  ['`cloudId` changes', edit({ cloudId: 'initech', subdomain: 'initech' })],
  ['a rotation is asked for', annotate('tenantry.dev/rotate-requested-at', '2030-01-01T00:00:00Z')],
  ['the Secret is deleted', (world) => world.cluster.remove('Secret', 'tenant-acme/tenantry-database')],
  ['the Tenant is deleted', (world) => world.cluster.remove('Tenant', key)],
  [
    'the Tenant is deleted with `policy: Retain`',
    (world) => {
      edit({ deletion: { protected: false, policy: 'Retain' } })(world)
      world.cluster.remove('Tenant', key)
    },
  ],
]

async function start(state: string, arrange: Change): Promise<World> {
  const world = ground()
  world.dumps = { join: async () => dumpRecord }
  world.cluster.put(
    tenant({
      name: 'northwind',
      uid: 'uid-northwind',
      spec: { type: 'MSP', cloudId: 'northwind', subdomain: 'northwind' },
    }),
  )
  await world.settle('home/northwind')
  const invite = state === 'Pending' ? ({ invite: 'Pending' } as const) : {}
  world.cluster.put(tenantAdmin({ namespace: 'tenant-northwind', ...invite }))
  world.cluster.put(tenant({ namespace: 'tenant-northwind', spec: { provisioning: 'OnAccept' } }))
  await world.settleAll()
  await arrange(world)
  await world.settleAll()
  return world
}

async function live(from: string, arrange: Change, event: string, happen: Change): Promise<Transition | undefined> {
  const world = await start(from, arrange)
  const before = phase(world)
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  await happen(world)
  await world.settleAll()
  const cluster = world.cluster.writes.filter((write) => write.includes(' ') && isTenants(write)).map(shortened)
  const database = world.postgres.statements.filter((statement) => statement.endsWith(` ${owner}`))
  const after = phase(world)
  if (after === before && cluster.every((write) => write === 'patch Tenant/status') && database.length === 0)
    return undefined
  return { from, event, to: after, ready: ready(world), cluster: unique(cluster), database: unique(database.map(verb)) }
}

/** What happens to the MSP above is its own table. */
function isTenants(write: string): boolean {
  return !write.includes('northwind') || write.includes(key)
}

function phase(world: World): string {
  return world.cluster.find('Tenant', key) === undefined ? 'gone' : (world.tenant(key).status?.phase ?? '')
}

function ready(world: World): string {
  if (phase(world) === 'gone') return ''
  const found = world.tenant(key).status?.conditions?.find(({ type }) => type === 'Ready')
  return `${found?.status ?? ''} ${found?.reason ?? ''}`
}

function shortened(write: string): string {
  const [act = '', kind = '', name = ''] = write.split(' ')
  const plain = name.slice(name.indexOf('/') + 1)
  return kind.startsWith('Tenant') ? `${act} ${kind}` : `${act} ${kind} ${plain}`
}

function verb(statement: string): string {
  return statement.split(' ')[0] ?? statement
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)]
}

/** Only what changes something: a state and an event that leave all as it is have no row. */
export async function transitions(): Promise<readonly Transition[]> {
  const found: Transition[] = []
  for (const [from, arrange] of states) {
    for (const [event, happen] of events) {
      const transition = await live(from, arrange, event, happen)
      if (transition !== undefined) found.push(transition)
    }
  }
  return found
}

const heading = `# The transitions of a tenant

State × event → state, and what changes where. The table is found by living each transition in the unit tests
(\`test/unit/tenant/transitions.ts\`), and a test compares it with this page. What is not in it changes nothing but what the
status says of it. The tenant is a customer of an MSP tenant, has one admin, and its plan keeps archived tenants for 30 days;
*Pending* waits for that admin's answer, every other state begins with a tenant that is provisioned.

Writes to the cluster and acts on the database server are in the order in which they first happen; writes of the status and
Events are left out where there are others.

| state | event | state then | Ready then | in the cluster | on the database server |
| --- | --- | --- | --- | --- | --- |
`

export function page(rows: readonly Transition[]): string {
  const list = (items: readonly string[]) => {
    const shown = items.filter((item) => item !== 'patch Tenant/status')
    return shown.length === 0 ? '–' : shown.join(', ')
  }
  const lines = rows.map(
    ({ from, event, to, ready: said, cluster, database }) =>
      `| ${from} | ${event} | ${to} | ${said === '' ? '–' : said} | ${list(cluster)} | ${list(database)} |`,
  )
  return `${heading}${lines.join('\n')}\n`
}

export const pagePath = fileURLToPath(new URL('../../../docs/explanation/transitions.md', import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(pagePath, page(await transitions()))
