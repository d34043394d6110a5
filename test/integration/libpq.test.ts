/** A program on libpq with nothing but the variables of a tenant's Secret, as `envFrom` hands them to a pod. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { harness, uniqueName } from '../harness/context.ts'
import { temporaryFolder } from '../harness/folder.ts'
import { postgresClients } from '../harness/postgres-clients.ts'
import type { Postgres } from '../harness/postgres.ts'
import { eventually } from '../harness/wait.ts'
import { openServerScene } from './server-scene.ts'
import type { DeclaredServer, ServerScene } from './server-scene.ts'
import { bindingOf } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let opened: ServerScene
let scene: Scene
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(300_000)
  opened = await openServerScene()
  ;({ scene, postgres, server } = opened)
})
test.after.always(() => opened?.[Symbol.asyncDispose]())

/** What pg_dump says that could not connect; undefined when it could. */
async function connects(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const { 18: bin } = await postgresClients(() => undefined)
  try {
    // The name that the certificate has may resolve to an address that nobody listens on.
    await promisify(execFile)(join(bin, 'pg_dump'), ['--schema-only'], { env: { ...env, PGHOSTADDR: '127.0.0.1' } })
    return undefined
  } catch (error) {
    return String(error)
  }
}

const variables = (binding: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(binding).filter(([key]) => /^[A-Z_]+$/.test(key)))

test.serial(
  'with the Secret mounted where PGSSLROOTCERT says, libpq verifies and connects; without it, it says which file it misses',
  async (t) => {
    t.timeout(240_000)
    const tenant = await scene.provisioned({ database: { server: server.name } })
    const binding = await bindingOf(scene, tenant)
    const env = variables(binding)
    t.is(env['PGSSLMODE'], 'verify-full')
    const { PGSSLROOTCERT: path = '' } = env
    t.is(path, '/bindings/tenantry-database/ca.crt')
    t.regex((await connects(env)) ?? '', new RegExp(`root certificate file "${path}" does not exist`))
    const pod = await temporaryFolder('pod')
    const mounted = join(pod.path, path)
    await mkdir(dirname(mounted), { recursive: true })
    await writeFile(mounted, binding['ca.crt'] ?? '')
    t.is(await connects({ ...env, PGSSLROOTCERT: mounted }), undefined)
    await pod.remove()
    await scene.deleted(tenant)
  },
)

test.serial(
  "applications can trust another authority than the operator: the Secret has theirs, or names the system's",
  async (t) => {
    t.timeout(240_000)
    const { namespace } = harness().operator
    const name = uniqueName('pooler')
    const tenant = await scene.provisioned({ database: { server: server.name } })
    await scene.api.send('POST', `/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      stringData: { 'ca.crt': `${postgres.ca}\n` },
    })
    const at = { host: 'localhost', port: postgres.port }
    await server.change({ applicationEndpoint: { ...at, tls: { mode: 'verify-ca', caSecretRef: { name } } } })
    const turned = async (check: (binding: Readonly<Record<string, string>>) => boolean) =>
      eventually(
        async () => {
          const found = await bindingOf(scene, tenant)
          return check(found) ? found : undefined
        },
        { timeout: 60_000, describe: 'the Secret to follow' },
      )
    const own = await turned(({ sslmode }) => sslmode === 'verify-ca')
    t.is(own['ca.crt'], `${postgres.ca}\n`)
    // Without certificates of its own: the system's, which libpq finds where OpenSSL is told.
    await server.change({ applicationEndpoint: { ...at, tls: { mode: 'verify-full', caSecretRef: null } } })
    const system = await turned(({ sslmode }) => sslmode === 'verify-full')
    t.is(system['ca.crt'], undefined)
    t.is(system['PGSSLROOTCERT'], 'system')
    t.is(await connects({ ...variables(system), SSL_CERT_FILE: postgres.caPath }), undefined)
    await scene.deleted(tenant)
  },
)
