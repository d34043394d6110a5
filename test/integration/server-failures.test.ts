/** What is wrong with a server: the DatabaseServer says which row of the table of failures it is, and so does a tenant that meets it first. */
import test from 'ava'
import type { DatabaseServer } from '../../operator/api/databaseserver.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import { harness } from '../harness/context.ts'
import { freePort } from '../harness/port.ts'
import type { PostgresAddress } from '../harness/postgres-access.ts'
import type { Postgres, Shown } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { declareServer, openServerScene } from './server-scene.ts'
import type { ServerScene } from './server-scene.ts'
import { story } from './story.ts'
import { databaseOf, isReady, paths } from './tenant-scene.ts'
import { isToldAs } from './told-as.ts'

let opened: ServerScene
test.before(async (t) => {
  t.timeout(240_000)
  opened = await openServerScene({ unschedulable: true })
})
test.after.always(() => opened?.[Symbol.asyncDispose]())

interface Trouble {
  readonly isTold: (server: DatabaseServer) => boolean
  readonly begin?: (postgres: Postgres) => Promise<unknown>
  readonly end?: (postgres: Postgres) => Promise<unknown>
  /** What the DatabaseServer says of the PostgreSQL in place of what is right. */
  readonly says?: (postgres: Postgres) => Promise<Partial<PostgresAddress>>
  readonly spec?: object
}

const statements = (begin: string, end: string) => ({
  begin: ({ query }: Postgres) => query(begin),
  end: ({ query }: Postgres) => query(end),
})

const shows = (shown: (postgres: Postgres) => Shown) => ({
  begin: (postgres: Postgres) => postgres.show(shown(postgres)),
  end: (postgres: Postgres) => postgres.show({}),
})

const hosts = ['localhost', '127.0.0.1']
const hour = 3_600_000
const withoutTls: Shown = { settings: { ssl: 'off' } }
/** Older than Node.js speaks. */
const withOldTls: Shown = { settings: { ssl_min_protocol_version: 'TLSv1.1', ssl_max_protocol_version: 'TLSv1.1' } }
const ofAnotherHost = ({ authority }: Postgres): Shown => ({
  certificate: authority.issue('postgres', ['elsewhere.example.com']),
})
const expired = ({ authority }: Postgres): Shown => ({
  certificate: authority.issue('postgres', hosts, Date.now() - hour),
})

// Before the others: the session that stays would go with a DatabaseServer of the same address.
test.serial('what a server shows to new sessions is told by the tenant that needs one', async (t) => {
  t.timeout(300_000)
  const { scene, postgres, server } = opened
  await server.change({ unschedulable: false })
  const tenant = await scene.provisioned({ database: { server: server.name } })
  const admin = await scene.declareAdmin(tenant)
  const when = (check: (each: Tenant) => boolean) => scene.when(tenant, check)
  // The session in which the operator looks at the server each second stays; one into a tenant's database is a new one.
  await postgres.show(ofAnotherHost(postgres))
  try {
    await scene.accept(admin)
    await when((each) => isToldAs(each, 'CertificateRefused'))
    await postgres.show(withoutTls)
    await when((each) => isToldAs(each, 'TlsNotOffered'))
    await postgres.show(withOldTls)
    await when((each) => isToldAs(each, 'TlsFailed'))
  } finally {
    await postgres.show({})
  }
  await scene.deleted(await when(isReady))
  await server.change({ unschedulable: true })
  t.pass()
})

test.serial('a Secret of the server that goes while a tenant is worked on is told by the tenant too', async (t) => {
  t.timeout(300_000)
  const { scene, postgres, server } = opened
  await server.change({ unschedulable: false })
  const tenant = await scene.provisioned({ database: { server: server.name } })
  const { a, b } = databaseOf(tenant)
  const seen = await story(t, scene, tenant.metadata.name)
  const secrets = `/api/v1/namespaces/${harness().operator.namespace}/secrets`
  {
    // The first action of the pass waits for these rows, for five seconds at most; the next one needs the Secret.
    await using holder = await postgres.connect()
    await holder.query(`BEGIN; ALTER ROLE ${a} CONNECTION LIMIT 3; ALTER ROLE ${b} CONNECTION LIMIT 3`)
    const annotations = { 'tenantry.dev/rotate-requested-at': 'now' }
    const spec = { database: { connectionLimit: 7 } }
    await scene.change(paths.tenant(scene.home, tenant.metadata.name), { metadata: { annotations }, spec })
    const waits = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = '${postgres.operator.user}'`
    await eventually(async () => (await postgres.query(waits)).length > 0, { describe: 'the first action to wait' })
    await scene.api.send('DELETE', `${secrets}/${server.name}`)
    await server.change({ unschedulable: true })
    await holder.query('ROLLBACK')
  }
  await eventually(() => seen.some((each) => isToldAs(each, 'ReferenceMissing')), {
    timeout: 30_000,
    describe: 'the missing Secret to be told',
  })
  const { user: username, password } = postgres.operator
  await scene.api.send('POST', secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: server.name },
    stringData: { username, password },
  })
  await scene.deleted(await scene.when(tenant, isReady))
  t.pass()
})

/** By what a person has done. */
const troubles: Readonly<Record<string, Trouble>> = {
  'a wrong password': {
    isTold: (server) => isToldAs(server, 'ServerLoginRefused'),
    says: async ({ operator }) => ({ operator: { ...operator, password: 'wrong' } }),
  },
  'a Secret that does not exist': {
    isTold: (server) => isToldAs(server, 'ServerReferenceMissing'),
    spec: { admin: { secretRef: { name: 'nowhere' } } },
  },
  'a port at which nothing listens': {
    isTold: (server) => isToldAs(server, 'ServerUnreachable'),
    says: async () => ({ port: await freePort() }),
  },
  'a certificate for another host': {
    isTold: (server) => isToldAs(server, 'ServerCertificateForAnotherHost'),
    ...shows(ofAnotherHost),
  },
  'a certificate that has expired': {
    isTold: (server) => isToldAs(server, 'ServerCertificateOutOfDate'),
    ...shows(expired),
  },
  'TLS that is turned off': { isTold: (server) => isToldAs(server, 'ServerTlsNotOffered'), ...shows(() => withoutTls) },
  'TLS that is too old': { isTold: (server) => isToldAs(server, 'ServerTlsFailed'), ...shows(() => withOldTls) },
  'a server that is read-only': {
    isTold: (server) => isToldAs(server, 'ServerReadOnly'),
    begin: (postgres) => postgres.readOnly(true),
    end: (postgres) => postgres.readOnly(false),
  },
  'an account without CREATEDB': {
    isTold: (server) => isToldAs(server, 'ServerAccountUnfit'),
    ...statements('ALTER ROLE tenantry NOCREATEDB', 'ALTER ROLE tenantry CREATEDB'),
  },
  'a catalogue that is closed': {
    isTold: (server) => isToldAs(server, 'ServerCatalogueRefused'),
    ...statements('REVOKE SELECT ON pg_database FROM PUBLIC', 'GRANT SELECT ON pg_database TO PUBLIC'),
  },
  'a rule of the server’s own': {
    isTold: (server) => isToldAs(server, 'ServerQueryRefused'),
    ...statements(
      `CREATE FUNCTION closed() RETURNS event_trigger LANGUAGE plpgsql AS
       $$ BEGIN IF session_user = 'tenantry' THEN RAISE 'closed'; END IF; END $$;
       CREATE EVENT TRIGGER closed ON login EXECUTE FUNCTION closed()`,
      'DROP EVENT TRIGGER closed; DROP FUNCTION closed()',
    ),
  },
  'a server that stands still': {
    isTold: (server) => isToldAs(server, 'ServerLate'),
    begin: async (postgres) => postgres.pause(),
    end: async (postgres) => postgres.resume(),
  },
}

for (const [what, { isTold, says, spec = {}, begin, end }] of Object.entries(troubles))
  test.serial(`${what} is told by a DatabaseServer that is declared then`, async (t) => {
    t.timeout(180_000)
    const { scene, postgres } = opened
    await begin?.(postgres)
    try {
      const server = await declareServer(scene, { ...postgres, ...(await says?.(postgres)) }, spec)
      await t.notThrowsAsync(server.when(isTold))
      await server.remove()
    } finally {
      await end?.(postgres)
    }
  })
