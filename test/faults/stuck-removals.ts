/** What others have on a server that keeps a tenant's database, or its roles, from being dropped; and how it goes. */
import type { Session } from '../harness/postgres-access.ts'
import type { World } from '../harness/world.ts'

export interface Refusal {
  /** Puts it in the way of the database, or of its owner role, which has the same name. */
  readonly put: (world: World, database: string) => Promise<void>
  /** What the message names, and the database in which the statement that it gives is run. */
  readonly named: (database: string) => string
  readonly statement?: { readonly begins: string; readonly in: (database: string) => string }
}

const held: Session[] = []

/** Ends the sessions that were left open. */
export async function endSessions(): Promise<void> {
  await Promise.all(held.splice(0).map((session) => session[Symbol.asyncDispose]()))
}

async function open({ postgres }: World, database: string): Promise<Session> {
  const session = await postgres.connect({ database })
  // It is ended from outside.
  session.on('error', () => undefined)
  held.push(session)
  return session
}

const inside = (database: string) => database
const outside = () => 'postgres'
const others = (database: string) => `others_${database}`

export const refusals: Readonly<Record<string, Refusal>> = {
  "a superuser's open session": {
    put: async (world, database) => void (await open(world, database)),
    named: () => 'sessions of',
    statement: { begins: 'SELECT pg_terminate_backend', in: outside },
  },
  'rights of its role in a database of others': {
    put: async ({ postgres }, database) => {
      await postgres.query(`CREATE DATABASE ${others(database)}`)
      await postgres.query(`REVOKE CONNECT ON DATABASE ${others(database)} FROM PUBLIC`)
      await postgres.query('CREATE TABLE shared (id int)', [], others(database))
      await postgres.query(`GRANT SELECT ON shared TO ${database}`, [], others(database))
    },
    named: others,
    statement: { begins: 'REASSIGN OWNED BY', in: others },
  },
  'a replication slot in use': {
    put: async (world, database) => {
      const session = await open(world, database)
      await session.query(`SELECT pg_create_logical_replication_slot('slot_${database}', 'pgoutput', true)`)
    },
    named: (database) => `slot_${database}`,
  },
  'a subscription': {
    put: async ({ postgres }, database) =>
      void (await postgres.query(
        `CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
        [],
        database,
      )),
    named: () => 'feed',
    statement: { begins: 'DROP SUBSCRIPTION', in: inside },
  },
  'a prepared transaction of a superuser': {
    put: async ({ postgres }, database) => {
      await using session = await postgres.connect({ database })
      await session.query('BEGIN')
      await session.query('CREATE TABLE left_behind (id int)')
      await session.query(`PREPARE TRANSACTION 'left in ${database}'`)
    },
    named: (database) => `left in ${database}`,
    statement: { begins: 'ROLLBACK PREPARED', in: inside },
  },
}

/** The statement of that beginning that a message gives. */
export function statementIn(message: string, begins: string): string {
  const from = message.indexOf(begins)
  if (from < 0) throw new Error(`${begins} is not in: ${message}`)
  return message.slice(from).split(/\. Then|; then/)[0] ?? ''
}
