/** When a tenant says itself that nobody can accept for it. */
import test from 'ava'
import type { Reason } from '../../../../operator/api/reasons.ts'
import type { TenantAdmin } from '../../../../operator/api/tenantadmin.ts'
import { uninvited } from '../../../../operator/tenant/access/admins.ts'
import { tenantAdmin } from '../../../gen.ts'
import { condition } from '../../tenantadmin/gen.ts'

const admin = (name: string, reason: Reason | undefined, spec: Partial<TenantAdmin['spec']> = {}): TenantAdmin => {
  const found = tenantAdmin({ name })
  const conditions = reason === undefined ? [] : [condition('Stalled', 'True', reason)]
  return {
    ...found,
    spec: { ...found.spec, username: name, ...spec },
    status: { observedGeneration: 1, invite: { status: 'Pending', sequence: 1 }, conditions },
  }
}

const leaving = (one: TenantAdmin): TenantAdmin => ({
  ...one,
  metadata: { ...one.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' },
})

const accepted = (one: TenantAdmin): TenantAdmin => ({
  ...one,
  status: { observedGeneration: 1, invite: { status: 'Accepted' } },
})

const table: readonly (readonly [string, readonly TenantAdmin[], Reason | undefined])[] = [
  ['nobody is declared', [], undefined],
  ['the only admin waits for an answer', [admin('ada', undefined)], undefined],
  ['the relay refuses the only address', [admin('ada', 'MailPermanentError')], 'MailPermanentError'],
  ['the relay refuses the installation', [admin('ada', 'MailConfigurationError')], 'MailConfigurationError'],
  ['the first password cannot be used', [admin('ada', 'PasswordSecretInvalid')], 'PasswordSecretInvalid'],
  ['the only admin is a technician, of a customer', [admin('ada', 'TechnicianNotAllowed')], 'TechnicianNotAllowed'],
  ['the only admin has a role that is not offered', [admin('ada', 'RoleNotOffered')], 'RoleNotOffered'],
  ['the invite ran out, which a resend mends', [admin('ada', 'InviteExpired')], undefined],
  ['another one can accept', [admin('ada', 'MailPermanentError'), admin('eve', undefined)], undefined],
  [
    'the other one is turned off',
    [admin('ada', 'MailPermanentError'), admin('eve', undefined, { state: 'Archived' })],
    'MailPermanentError',
  ],
  [
    'the other one is on the way out',
    [admin('ada', 'MailPermanentError'), leaving(admin('eve', undefined))],
    'MailPermanentError',
  ],
  ['the only one is on the way out', [leaving(admin('ada', 'MailPermanentError'))], undefined],
  [
    'the other one has accepted and is turned off',
    [admin('ada', 'MailPermanentError'), accepted(admin('eve', undefined, { state: 'Deactivated' }))],
    undefined,
  ],
]

for (const [when, admins, reason] of table)
  test(`When ${when}, the tenant ${reason === undefined ? 'says nothing of it' : `says ${reason}`}`, (t) => {
    t.is(uninvited({ admins })?.reason, reason)
  })
