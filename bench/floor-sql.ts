/** The floor's SQL: the statements that one tenant needs, as the operator sends them when nothing is there yet. */
import { Client } from 'pg'
import { databaseNames } from '../operator/api/names.ts'
import { clientConfig } from '../operator/postgres/session/connection.ts'
import { directoryValues } from '../operator/postgres/model/admin-directory.ts'
import type { ServerAddress } from '../operator/postgres/model/address.ts'
import type { DirectoryEntry, TenantDatabase } from '../operator/postgres/model/port.ts'
import { scramVerifier } from '../operator/postgres/model/scram.ts'
import { createDatabase, databaseStatements, freshDatabase } from '../operator/postgres/statements/database-sql.ts'
import { writeDirectory } from '../operator/postgres/statements/directory-sql.ts'
import { freshInside, insideStatements, ownDirectory } from '../operator/postgres/statements/inside-sql.ts'
import { roleStatements } from '../operator/postgres/statements/roles-sql.ts'
import { systemRandom } from '../operator/runtime/base/system-clock.ts'
import { gate } from './gate.ts'
import type { FloorTenant } from './template.ts'
import type { ObservedDatabase } from '../operator/postgres/model/observed-database.ts'

export interface FloorSqlOptions {
  readonly address: ServerAddress
  readonly installation: string
  /** The home of the Tenants. */
  readonly home: string
  /** Connections to the maintenance database, and as many into tenants' databases. */
  readonly connections: number
  readonly directory: readonly DirectoryEntry[]
  /** The plan's. */
  readonly connectionLimit: number
}

export interface FloorSql extends AsyncDisposable {
  /** Roles, database, inside and directory of one tenant. */
  make(tenant: FloorTenant, password: string): Promise<void>
}

export async function floorSql(options: FloorSqlOptions): Promise<FloorSql> {
  const { address, connections } = options
  const connect = async (database: string): Promise<Client> => {
    const login = {
      address,
      database,
      username: address.username,
      password: address.password,
      applicationName: 'floor',
    }
    const client = new Client(clientConfig(login))
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const idle = await Promise.all(Array.from({ length: connections }, () => connect('postgres')))
  const all = [...idle]
  const [shared, inside] = [gate(connections), gate(connections)]
  const run = (text: string): Promise<void> =>
    shared(async () => {
      const client = idle.pop()
      if (client === undefined) throw new Error('the gate let too many through')
      try {
        await client.query(text)
      } finally {
        idle.push(client)
      }
    })
  return {
    async make(tenant, password) {
      const target = targetOf(tenant, options)
      const seen: ObservedDatabase = { ...emptyServer, operator: address.username }
      const verifiers = { a: await scramVerifier(password, systemRandom) }
      await run(roleStatements(target, seen, verifiers).join(';\n'))
      await run(createDatabase(target))
      const made = { ...seen, database: freshDatabase(target, seen.operator) }
      await run(databaseStatements(target, made).join(';\n'))
      await inside(async () => {
        const client = await connect(target.names.database)
        await client.query(insideStatements(target, made, freshInside).join(';\n'))
        await client.query(writeDirectory(ownDirectory), [...directoryValues(options.directory)])
        void client.end()
      })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((client) => client.end()))
    },
  }
}

const emptyServer = { version: 180_000, logins: {}, complete: false, sessions: 0 } as const

function targetOf(tenant: FloorTenant, { installation, home, connectionLimit }: FloorSqlOptions): TenantDatabase {
  return {
    names: databaseNames(installation, tenant.uid),
    mark: { installation, tenant: `${home}/${tenant.name}`, uid: tenant.uid },
    isolation: 'Database',
    connectionLimit,
    loginAllowed: true,
    currentLogin: 'a',
  }
}
