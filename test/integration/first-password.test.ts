/** A first password from a Secret (spec.passwordSecretRef): what is said of the Secret, and the way of its hash to the directory. */
import test from 'ava'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { verifyPassword } from '../../operator/tenantadmin/invite/password.ts'
import { harness } from '../harness/context.ts'
import { acceptInvite } from '../harness/invitee.ts'
import { startWeb } from '../harness/web.ts'
import { eventually } from '../harness/wait.ts'
import { conditionOf, databaseOf, isReady, openScene, paths, tenantName } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

const readyReason = ({ status }: TenantAdmin) => status?.conditions?.find(({ type }) => type === 'Ready')?.reason

/** The Secret, in the namespace of the TenantAdmin. */
async function give(name: string, password: string, type = 'tenantry.dev/admin-password'): Promise<void> {
  await scene.api.send('POST', paths.secret(scene.home, '').replace(/\/$/, ''), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type,
    stringData: { password },
  })
}

/** Until the pages have the hash of the first password, or no longer. */
async function kept({ metadata }: TenantAdmin, there: boolean): Promise<void> {
  const path = paths.secret(`${harness().operator.namespace}-web`, `first-password-${metadata.uid ?? ''}`)
  await eventually(async () => ((await scene.api.get(path)) !== undefined) === there, {
    timeout: 60_000,
    describe: `${path} to be ${there ? 'there' : 'gone'}`,
  })
}

const take = (name: string) => scene.api.send('DELETE', paths.secret(scene.home, name))

test('The hash of the Secret’s password is there when the invite is accepted, with the chart’s rights, and gets to the tenant’s directory', async (t) => {
  t.timeout(400_000)
  const { cluster, mail, postgres } = harness()
  const name = tenantName('p')
  const password = `a first password, ${name}`
  const declared = await scene.declare({ provisioning: 'OnAccept' })
  const admin = await scene.declareAdmin(declared, { passwordSecretRef: { name } })
  // Without the Secret, and with one of another kind, nobody is invited to a page that could not let them in.
  await scene.adminWhen(admin, (each) => readyReason(each) === 'SecretNotFound')
  await give(name, password, 'Opaque')
  await scene.adminWhen(admin, (each) => readyReason(each) === 'PasswordSecretInvalid')
  // Who looks at the Tenant alone sees it too.
  await scene.when(declared, (each) => conditionOf(each, 'Stalled')?.reason === 'PasswordSecretInvalid')
  await take(name)
  await give(name, `${password}\nand another line`)
  await scene.adminWhen(admin, ({ status }) =>
    (status?.conditions ?? []).some(
      ({ type, message }) => type === 'Stalled' && message.includes(`entry password of the Secret ${name}`),
    ),
  )
  await take(name)
  await give(name, password)
  const { spec } = await scene.adminWhen(admin, ({ status }) => status?.invite?.sentAt !== undefined)
  const { links } = await mail.waitFor(({ to }) => to.includes(spec.email), { timeout: 60_000 })
  // Any replica of the pages.
  await using replica = await startWeb({ cluster })
  await replica.ready()
  const link = (links[0] ?? '').replace(/^http:\/\/[^/]+/, replica.url)
  t.true(link.startsWith(`${replica.url}/accept`))
  const nothing = { password: '' }
  await take(name)
  await kept(admin, false)
  t.is(await acceptInvite(link, nothing), 'refused')
  // As kubectl create secret makes it from a file that an editor or echo has written.
  await give(name, `${password}\n`)
  await kept(admin, true)
  t.is(await acceptInvite(link, { untouched: true }), 'refused', 'a program that follows links accepts nothing')
  t.is(await acceptInvite(link, nothing), 'accepted')
  const tenant = await scene.when(declared, isReady)
  const hash = await eventually(
    async () => {
      const query = 'SELECT password_hash AS hash FROM tenantry.admins WHERE username = $1'
      const rows = await postgres.query<{ hash: string | null }>(query, [spec.username], databaseOf(tenant).name)
      return rows[0]?.hash
    },
    { timeout: 60_000, describe: 'the directory to have the hash' },
  )
  t.true(await verifyPassword(password, hash))
  t.false(await verifyPassword(`${password}x`, hash))
  // It was the first one: the Secret has done its service, and so has the hash.
  await kept(admin, false)
  await take(name)
  const accepted = await scene.adminWhen(admin, (each) => readyReason(each) === 'Accepted')
  t.false(JSON.stringify(accepted).includes(hash))
  t.false((await replica.logs()).includes(password))
})
