/** Whose place and whose invites of a day are counted: those that seek a place, or call for an invite, and no others. */
import test from 'ava'
import type { TenantAdmin } from '../../../operator/api/tenantadmin.ts'
import { OwnWrites } from '../../../operator/runtime/cache/own-writes.ts'
import { Issuing } from '../../../operator/tenantadmin/invite/issuing.ts'
import type { TenantAdminCaches } from '../../../operator/tenantadmin/ports.ts'
import { withAllowance } from '../../../operator/tenantadmin/allowance.ts'
import type { Gathered } from '../../../operator/tenantadmin/snapshot.ts'
import { settings, tenantAdmin } from './gen.ts'
import { gathered } from './snapshot.ts'

const now = Date.UTC(2030, 0, 1)
const address = tenantAdmin().spec.email
const invited = (invite: NonNullable<TenantAdmin['status']>['invite']): TenantAdmin => ({
  ...tenantAdmin(),
  status: { observedGeneration: 1, invite: { address, ...invite } },
})

/** What is counted for the admin, who is the youngest of three, and how often the admins of the tenant were asked for. */
function counted(admin: TenantAdmin, over: Partial<Gathered> = {}) {
  let asked = 0
  const caches = {
    tenants: { get: () => undefined, by: () => [] },
    plans: { get: () => undefined },
    admins: {
      by: () => {
        asked += 1
        return []
      },
    },
  } as unknown as TenantAdminCaches // all that is asked of them here
  const others = ['ann', 'ben'].map((name) => tenantAdmin({ name, created: '2029-01-01T00:00:00Z' }))
  const issuing = new Issuing(new OwnWrites<TenantAdmin>())
  const { ahead, invites } = withAllowance(
    gathered({ admin, others, ...over }),
    { caches, issuing, pace: { wait: () => undefined } },
    now,
    settings,
  )
  return { ahead, counts: invites !== undefined, asked: asked > 0 }
}

const sent = { sequence: 1, keyId: 'k', expiresAt: '2030-01-08T00:00:00Z', sentAt: '2029-12-31T00:00:00Z' }
const deletionCause = (admin: TenantAdmin): TenantAdmin => ({
  ...admin,
  metadata: { ...admin.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' },
})

for (const [what, admin, expected, over] of [
  ['one that is new', tenantAdmin(), { ahead: 2, counts: true, asked: true }, {}],
  ['one that waits for an answer', invited(sent), { ahead: 0, counts: false, asked: false }, {}],
  [
    'one whose key is gone',
    invited(sent),
    { ahead: 0, counts: true, asked: true },
    { keys: { current: 'k', invite: false } },
  ],
  [
    'one that has accepted',
    invited({ ...sent, acceptedAt: '2030-01-01T00:00:00Z' }),
    { ahead: 0, counts: false, asked: false },
    {},
  ],
  ['one that is deleted', deletionCause(invited(sent)), { ahead: 0, counts: true, asked: true }, {}],
] as const)
  test(`counted for ${what}`, (t) => t.deepEqual(counted(admin, over), expected))
