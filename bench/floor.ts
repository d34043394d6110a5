/**
 * The floor: exactly the effects that one tenant needs, with raw clients and no controller, in a process of its own as the
 * operator has one. Nothing is looked at first, nothing is repeated, nothing is checked. Told over IPC (see floor-process.ts).
 */
import { randomBytes } from 'node:crypto'
import { Agent } from 'undici'
import { finalizer } from '../operator/api/names.ts'
import { floorSql } from './floor-sql.ts'
import type { FloorSql, FloorSqlOptions } from './floor-sql.ts'
import { gate } from './gate.ts'
import { fill } from './template.ts'
import type { Creation, FloorTenant, Template } from './template.ts'

export interface FloorOptions {
  readonly server: string
  readonly ca: string
  /** Of the operator's ServiceAccount: its requests cost the same authorization. */
  readonly token: string
  /** The collection of the Tenants. */
  readonly tenants: string
  readonly template: Template
  readonly sql: FloorSqlOptions
  /** Tenants at once. */
  readonly atOnce: number
}

export type Order = { readonly start: FloorOptions } | { readonly make: FloorTenant } | { readonly end: true }

type Send = (method: 'POST' | 'PATCH', path: string, body: object) => Promise<void>

let work: ((tenant: FloorTenant) => Promise<void>) | undefined
let end: () => Promise<void> = async () => undefined

async function start({ server, ca, token, tenants, template, sql, atOnce }: FloorOptions): Promise<void> {
  const agent = new Agent({ allowH2: true, connect: { ca, keepAlive: true } })
  const send: Send = async (method, path, body) => {
    const response = await agent.request({
      origin: server,
      path: `${path}?fieldManager=floor`,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'user-agent': 'floor',
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      body: JSON.stringify(body),
    })
    const text = await response.body.text()
    if (response.statusCode > 299) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`)
  }
  const database = await floorSql(sql)
  const places = gate(atOnce)
  work = (tenant) => places(() => make(tenant, { send, database, template, tenants }))
  end = async () => {
    await database[Symbol.asyncDispose]()
    await agent.destroy()
  }
}

interface Tools {
  readonly send: Send
  readonly database: FloorSql
  readonly template: Template
  readonly tenants: string
}

/** All that does not need something else first happens side by side; the status comes last. */
async function make(tenant: FloorTenant, { send, database, template, tenants }: Tools): Promise<void> {
  const password = randomBytes(32).toString('base64url')
  const create = async (part: Creation): Promise<void> => {
    const { path, object } = fill(part, template, tenant, password)
    await send('POST', path, object)
  }
  const path = `${tenants}/${tenant.name}`
  const inCluster = async (): Promise<void> => {
    await send('PATCH', path, { metadata: { finalizers: [finalizer] } })
    await Promise.all([...template.claims.map(create), create(template.own)])
    await Promise.all(template.children.map(create))
  }
  await Promise.all([inCluster(), database.make(tenant, password)])
  await send('PATCH', `${path}/status`, { status: fill(template.status, template, tenant, password) })
}

process.on('message', (order: Order) => {
  if ('start' in order) void start(order.start).then(() => process.send?.({ ready: true }), fail)
  else if ('make' in order) work?.(order.make).then(() => process.send?.({ made: order.make.name }), fail)
  else void end().then(() => process.exit(0))
})

function fail(error: unknown): void {
  process.send?.({ failed: error instanceof Error ? error.message : String(error) })
}
