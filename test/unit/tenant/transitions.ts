/**
 * The table of a tenant's transitions: each state meets each event in the world of the unit tests, and the table records
 * what changes. docs/explanation/transitions.md is this table; run this file to write it.
 */
import { fileURLToPath } from 'node:url'
import { writeFile } from 'node:fs/promises'

import { customer, provider, start } from './transition-scenes.ts'
import type { Named, Subject } from './transition-scenes.ts'
import type { World } from './world.ts'

export interface Transition {
  readonly from: string
  readonly event: string
  readonly to: string
  readonly ready: string
  readonly cluster: readonly string[]
  readonly database: readonly string[]
}

/** The rows of both tables. */
export interface Transitions {
  readonly customer: readonly Transition[]
  readonly provider: readonly Transition[]
}

async function live(subject: Subject, [from, arrange]: Named, [event, happen]: Named): Promise<Transition | undefined> {
  const world = await start(from, arrange)
  const before = [phase(world, subject), ready(world, subject)].join()
  world.cluster.writes.length = 0
  world.postgres.statements.length = 0
  await happen(world)
  await world.settleAll().catch((error: unknown) => {
    if (world.postgres.down === undefined) throw error
  })
  const cluster = world.cluster.writes.filter((write) => write.includes(' ') && subject.concerns(write)).map(shortened)
  const database = world.postgres.statements.filter((statement) => statement.endsWith(` ${subject.owner}`))
  const [to, said] = [phase(world, subject), ready(world, subject)]
  const silent = cluster.every((write) => write === 'patch Tenant/status') && database.length === 0
  if ([to, said].join() === before && silent) return undefined
  return { from, event, to, ready: said, cluster: unique(cluster), database: unique(database.map(verb)) }
}

function phase(world: World, { key }: Subject): string {
  return world.cluster.find('Tenant', key) === undefined ? 'gone' : (world.tenant(key).status?.phase ?? '')
}

function ready(world: World, { key }: Subject): string {
  if (world.cluster.find('Tenant', key) === undefined) return ''
  const { conditions = [] } = world.tenant(key).status ?? {}
  const found = conditions.find(({ type }) => type === 'Ready')
  const stalled = conditions.some(({ type }) => type === 'Stalled') ? ', Stalled' : ''
  return `${found?.status ?? ''} ${found?.reason ?? ''}${stalled}`
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
async function transitionsOf(subject: Subject): Promise<readonly Transition[]> {
  const found: Transition[] = []
  for (const state of subject.states) {
    for (const event of subject.events) {
      const transition = await live(subject, state, event)
      if (transition !== undefined) found.push(transition)
    }
  }
  return found
}

export async function transitions(): Promise<Transitions> {
  return { customer: await transitionsOf(customer), provider: await transitionsOf(provider) }
}

const heading = `# The transitions of a tenant

Each row shows what one event changes for a tenant in one state. The unit tests produce the tables by running each transition
(\`test/unit/tenant/transitions.ts\`), and a test compares them with this page. A combination without a row changes neither the
state nor Ready nor Stalled, and nothing in the cluster or on the database server.

Writes to the cluster and actions on the database server are listed in the order in which they first happen. Writes of the status
and Events are omitted.

## A customer

The customer belongs to an MSP and has one admin; its plan keeps archived tenants for 30 days. In *Pending* the admin has not
accepted yet; in *Provisioning* the database server does not answer. In every other state the tenant was provisioned before.

`

const columns = `| state | event | next state | Ready | in the cluster | on the database server |
| --- | --- | --- | --- | --- | --- |
`

const further = `
## Its MSP

Only the transitions that differ because the MSP has a customer; the others are those of a customer.

`

export function page(rows: Transitions): string {
  return [heading, columns, table(rows.customer), further, columns, table(rows.provider)].join('')
}

function table(rows: readonly Transition[]): string {
  const list = (items: readonly string[]) => {
    const shown = items.filter((item) => item !== 'patch Tenant/status')
    return shown.length === 0 ? '–' : shown.join(', ')
  }
  return rows
    .map(
      ({ from, event, to, ready: said, cluster, database }) =>
        `| ${from} | ${event} | ${to} | ${said === '' ? '–' : said} | ${list(cluster)} | ${list(database)} |\n`,
    )
    .join('')
}

export const pagePath = fileURLToPath(new URL('../../../docs/explanation/transitions.md', import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(pagePath, page(await transitions()))
