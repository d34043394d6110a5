import test from 'ava'
import { conditionTypes } from '../../../operator/api/conditions.ts'
import { accessGrantPhases, tenantAdminPhases, tenantPhases } from '../../../operator/api/phases.ts'
import { failuresOfServers } from '../../../operator/api/failures-server.ts'
import { argoHealthOf, kstatusOf, situations } from '../../../operator/api/situations.ts'
import type { Situation } from '../../../operator/api/situations.ts'

const phases = { Tenant: tenantPhases, TenantAdmin: tenantAdminPhases, AccessGrant: accessGrantPhases } as const

for (const kind of ['Tenant', 'TenantAdmin', 'AccessGrant'] as const) {
  test(`every phase of ${kind} has its situations`, (t) => {
    const rows: readonly Situation[] = situations[kind]
    const told = new Set(rows.map(({ phase }) => phase))
    for (const phase of phases[kind]) t.true(told.has(phase), phase)
  })
}

test('Ready is True exactly where nothing is under way and nothing is stuck, but for the finalizer of a DatabaseServer', (t) => {
  for (const [kind, rows] of Object.entries(situations)) {
    for (const { when, ready, also } of rows as readonly Situation[])
      t.is(ready === 'True', also === undefined || when.includes('its finalizer'), `${kind}: ${when}`)
  }
})

test('every reason that a failure gives a DatabaseServer has its situation', (t) => {
  const told = new Set(situations.DatabaseServer.map(({ reason }) => reason))
  for (const { reason } of Object.values(failuresOfServers)) t.true(told.has(reason), reason)
})

test('Available is said of Tenants, and of them always', (t) => {
  for (const [kind, rows] of Object.entries(situations)) {
    const types: readonly string[] = conditionTypes[kind as keyof typeof conditionTypes]
    for (const row of rows as readonly Situation[]) t.is(row.available !== undefined, types.includes('Available'), kind)
  }
})

const readings = [
  [{ ready: 'True' }, 'Current', 'Healthy'],
  [{ ready: 'False' }, 'InProgress', 'Progressing'],
  [{ ready: 'Unknown' }, 'InProgress', 'Progressing'],
  [{ ready: 'False', also: 'Reconciling' }, 'InProgress', 'Progressing'],
  [{ ready: 'False', also: 'Stalled' }, 'Failed', 'Degraded'],
  [{ ready: 'True', also: 'Reconciling' }, 'InProgress', 'Progressing'],
  [{ ready: 'True', also: 'Stalled' }, 'Failed', 'Degraded'],
  [{ ready: 'False', also: 'Stalled', deleting: true }, 'Terminating', 'Progressing'],
] as const

for (const [row, kstatus, health] of readings) {
  test(`${JSON.stringify(row)} reads ${kstatus} and ${health}`, (t) => {
    t.is(kstatusOf(row), kstatus)
    t.is(argoHealthOf(kstatusOf(row)), health)
  })
}
