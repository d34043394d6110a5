/** Parameters that are declared and cannot be set on a server: told there, once, with the way out. */
import test from 'ava'
import { databaseNames } from '../../../operator/api/names.ts'
import { tenant, tenantPlan } from '../../gen.ts'
import { place, adminSecret, setUp } from './scene.ts'
import type { ObservedDatabase } from '../../../operator/postgres/model/observed-database.ts'

const databaseState = (more: Partial<ObservedDatabase>): ObservedDatabase => ({
  operator: 'op',
  version: 180_004,
  logins: {},
  complete: true,
  sessions: 0,
  ...more,
})

function scene(version: number, parameters: object) {
  const it = setUp()
  it.cluster.put(adminSecret())
  place(it)
  it.cluster.put(tenantPlan({ spec: { database: { parameters } } }))
  const { plan } = { plan: tenantPlan().metadata.name }
  it.cluster.put({ ...tenant({ uid: 'uid-acme' }), status: { observedGeneration: 1, plan } })
  it.postgres.databases.set(databaseNames('test', 'uid-acme').owner, databaseState({ version }))
  return it
}

test('a limit that takes a right is left out, with the GRANT that mends it; the server is as ready as before', async (t) => {
  const it = scene(180_004, { temp_file_limit: '10GB' })
  await it.pass()
  t.like(it.ready(), { status: 'True', reason: 'Connected' })
  t.regex(
    it.ready()?.message ?? '',
    /run as an administrator of the server: GRANT SET ON PARAMETER temp_file_limit TO "op";$/,
  )
  const writes = it.cluster.writes.length
  await it.pass()
  t.is(it.cluster.writes.length, writes)
  it.postgres.settable = ['temp_file_limit']
  await it.pass()
  t.is(it.ready()?.message, 'The server answers, and tenants can be placed on it.')
})

test('so is what the version does not have yet', async (t) => {
  const it = scene(150_000, { transaction_timeout: '1h', jit: 'off' })
  await it.pass()
  t.regex(
    it.ready()?.message ?? '',
    /transaction_timeout, which is declared for tenants, is left out here: .* from version 17 on\.$/,
  )
})

test('where nobody declares such a one, nothing is said', async (t) => {
  const it = scene(150_000, { jit: 'off' })
  await it.pass()
  t.is(it.ready()?.message, 'The server answers, and tenants can be placed on it.')
})
