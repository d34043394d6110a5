import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { expiryVariables } from '../../../operator/mail/expiry-message.ts'
import { inviteMessage, inviteVariables } from '../../../operator/mail/message.ts'
import { loadTemplates } from '../../../operator/mail/templates.ts'
import { inviteFacts } from './facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenantry-templates-'))
test.after.always(() => rmSync(folder, { recursive: true }))

test.serial('A file of the same name replaces one built-in template and leaves the others', (t) => {
  writeFileSync(join(folder, 'invite.subject.hbs'), 'Welcome to {{tenantName}}\n')
  const message = inviteMessage(inviteFacts({ tenantName: 'R&D' }), loadTemplates(folder).invite)
  t.is(message.subject, 'Welcome to R&D')
  t.true(message.html.includes('You are invited to R&amp;D'))
})

test.serial('A template with an unknown variable is refused at start, by name', (t) => {
  writeFileSync(join(folder, 'invite.text.hbs'), 'Hello {{recipient}}\n')
  t.throws(() => loadTemplates(folder), { message: /invite\.text\.hbs cannot be used: .*recipient/ })
})

test.serial('A template that is no template is refused at start, by name', (t) => {
  writeFileSync(join(folder, 'invite.text.hbs'), 'Hello {{#if\n')
  t.throws(() => loadTemplates(folder), { message: /invite\.text\.hbs cannot be used/ })
})

test('The guide names every variable, and no other one', (t) => {
  const guide = readFileSync(new URL('../../../docs/how-to/mail-templates.md', import.meta.url), 'utf8')
  const named = Array.from(guide.matchAll(/^\| `([A-Za-z]+)` +\|/gm), ([, name]) => name)
  t.deepEqual(named, [...Object.keys(inviteVariables), ...Object.keys(expiryVariables)])
})
