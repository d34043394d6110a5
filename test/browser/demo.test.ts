/** `npm run demo` as a person has it: started, looked at in a browser, ended; and nothing is left of it. */
import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import type { Browser } from 'playwright-core'
import { harness } from '../harness/context.ts'
import { startControlPlane } from '../harness/control-plane.ts'
import { kubectlWith } from '../harness/kubectl.ts'
import { eventually } from '../harness/wait.ts'
import { desktop, launchChromium, picture } from './chromium.ts'
import { startDemo } from './demo-process.ts'
import type { DemoProcess } from './demo-process.ts'

let browser: Browser
test.before('Chromium', async () => void (browser = await launchChromium()))
test.after.always(() => browser?.close())

/** Milliseconds; the demo starts eight servers and waits for a tenant. */
const longWait = 240_000

test.serial(
  'Started, the mailbox opened, a link followed, the invite accepted, the tenant there, Ctrl-C: nothing is left',
  async (t) => {
    t.timeout(longWait)
    await using demo = await startDemo()
    const mailbox = await demo.told(/Mailbox +(http:\S+)/)
    const kubeconfig = await demo.told(/export KUBECONFIG=(\S+)/)
    await demo.told(/Ctrl-C ends/)
    t.false(demo.output().includes('\u001b'), 'no colours and no moving lines where no terminal is')

    const link = await linkInMail(mailbox, 'ben@bakery.example.com')
    t.regex(link, /^http:\/\/127\.0\.0\.1:\d+\/accept/)
    await accept(link)

    const kubectl = kubectlWith(harness().cluster.kubectlPath, kubeconfig)
    const columns = 'jsonpath={.status.invite.status} {.status.phase}'
    // Another writes that than what the page shows.
    const isAccepted = async () =>
      (await kubectl(['get', 'tenantadmin', 'bakery-ben', '-n', 'tenant-acme', '-o', columns])) === 'Accepted Accepted'
    await eventually(isAccepted, { timeout: 60_000, describe: "the status of ben to say 'Accepted'" })
    await demo.told(/Admin ben +has accepted the invite/)
    const console = await demo.told(/Console +(http:\S+)/)
    await signIn(console, 'ben@bakery.example.com', 'three loaves and a roll', 'Your tenants')
    const initial = await demo.told(/root with the password (\S+) and/)
    await signIn(console, 'root', initial, 'Choose a password of your own')
    await demo.told(/Tenant bakery +\w+ → Active, https:\/\/bakery-acme\.tenants\.example\.com/)
    await kubectl(['delete', 'networkpolicy', 'tenantry-isolation', '-n', 'tenant-bakery'])
    await demo.told(/NetworkPolicy tenant-bakery\/tenantry-isolation was deleted, and is as declared again/)
    // What the operator itself replaces is no repair.
    for (const [state, turn] of [
      ['Deactivated', /Tenant bakery +Active → Deactivated/],
      ['Active', /Tenant bakery +Deactivated → Active/],
    ] as const) {
      await kubectl([
        'patch',
        'tenant',
        'bakery',
        '-n',
        'tenant-acme',
        '--type=merge',
        '-p',
        `{"spec":{"state":"${state}"}}`,
      ])
      await demo.told(turn)
    }

    t.regex(await pasted(demo, /turn the MSP off/), /acme .* Deactivated .*\n(.*\n)*pods +0 +0/)
    t.regex(await pasted(demo, /archive the customer/), /\d{4}-\S+Z until \d{4}-\S+Z/)
    t.regex(await pasted(demo, /rename the MSP/), /bakery +bakery +https:\/\/bakery-group\./)
    await demo.told(/Tenant acme +Active → Deactivated/)
    await demo.told(/Tenant bakery +(Active|Deactivated) → Archived/)

    t.notRegex(demo.output(), /(RoleBinding|ResourceQuota) \S+ +was \w+, and is as declared again/)

    const servers = demo.signal('SIGINT')
    t.true(servers.length >= 7, 'etcd, apiserver, controllers, PostgreSQL, mailbox, operator, web')
    t.is(await demo.ended, 0)
    t.regex(demo.output(), /Ending everything +nothing is left/)
    await demo.nothingIsLeft()
  },
)

/** What a shell says to the lines below this comment of the demo's, pasted as they are printed. */
async function pasted({ output }: DemoProcess, comment: RegExp): Promise<string> {
  const printed = output()
    .split('\n')
    .map((line) => line.trim())
  const environment = printed.filter((line) => line.startsWith('export '))
  const from = printed.findIndex((line) => line.startsWith('#') && comment.test(line)) + 1
  const lines = printed.slice(from, printed.indexOf('', from))
  const { stdout } = await promisify(execFile)('bash', ['-euc', [...environment, ...lines].join('\n')], {
    timeout: 180_000,
  })
  return stdout
}

/** Opens the mail to this person and clicks its button; the link that a new tab was opened for. */
async function linkInMail(mailbox: string, address: string): Promise<string> {
  const context = await browser.newContext(desktop)
  const page = await context.newPage()
  await page.goto(mailbox)
  await page.getByText('ada@acme.example.com').first().waitFor()
  await picture(page, 'demo-mailbox')
  await page.getByText(address).first().click()
  const button = page.frameLocator('iframe').getByRole('link', { name: 'View the invitation' })
  await button.waitFor()
  // Once it is whole, the mailbox lets its links open a page of their own.
  await page.frameLocator('iframe').locator('base[target="_blank"]').waitFor({ state: 'attached' })
  await picture(page, 'demo-mail')
  const link = (await button.getAttribute('href')) ?? ''
  const opened = context.waitForEvent('page')
  await button.click()
  await (await opened).getByRole('heading', { name: /invites you to/ }).waitFor()
  await context.close()
  return link
}

/** As somebody without JavaScript does it; the page looks again by itself until the tenant is there. */
async function accept(link: string): Promise<void> {
  const page = await (await browser.newContext({ ...desktop, javaScriptEnabled: false })).newPage()
  await page.goto(link)
  await page.getByRole('heading', { name: 'Acme Managed Services invites you to The Corner Bakery' }).waitFor()
  await page.getByLabel('Choose a password').fill('three loaves and a roll')
  await page.getByLabel('Repeat the password').fill('three loaves and a roll')
  await page.getByLabel('I have read this and agree to it.').check()
  await picture(page, 'demo-invite')
  await page.getByRole('button', { name: 'Accept invitation' }).click()
  await page.getByRole('heading', { name: /The Corner Bakery is (being prepared|ready)/ }).waitFor()
  await picture(page, 'demo-progress')
  await page.getByRole('heading', { name: 'The Corner Bakery is ready' }).waitFor({ timeout: 60_000 })
  await page.getByText('https://bakery-acme.tenants.example.com').first().waitFor()
  await picture(page, 'demo-done')
  await page.context().close()
}

/** By the first page of the console, until the page with this heading. */
async function signIn(console: string, account: string, password: string, heading: string): Promise<void> {
  const page = await (await browser.newContext(desktop)).newPage()
  await page.goto(console)
  await page.getByLabel('E-mail address').fill(account)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: heading }).waitFor()
  await picture(page, `demo-${account.replace(/\W.*/, '')}`)
  await page.context().close()
}

test.serial('Where its ports are taken it says where it is instead; SIGTERM ends it as well', async (t) => {
  t.timeout(longWait)
  const taken = await Promise.all([1080, 8080].map(occupy))
  t.teardown(() => taken.forEach((release) => release()))
  await using demo = await startDemo()
  await demo.told(/Ctrl-C ends/)
  t.regex(demo.output(), /Port 1080 is in use, so the mailbox is at \d+\./)
  t.regex(demo.output(), /Port 8080 is in use, so the console is at \d+\./)
  demo.signal('SIGTERM')
  t.is(await demo.ended, 143)
  await demo.nothingIsLeft()
})

/** Where somebody else's program has the port already that does as well. */
async function occupy(port: number): Promise<() => void> {
  const server = createServer()
  const settled = Promise.withResolvers<void>()
  server.once('error', () => settled.resolve())
  server.listen(port, '127.0.0.1', () => settled.resolve())
  await settled.promise
  return () => void server.close()
}

const interruptions = [
  { what: 'Ctrl-C', by: 'node', name: 'SIGINT', exit: 130 },
  { what: 'a SIGKILL', by: 'node', name: 'SIGKILL', exit: 'SIGKILL' },
  { what: 'a SIGKILL of npm, which says nothing to those it runs,', by: 'npm', name: 'SIGKILL', exit: 'SIGKILL' },
] as const

for (const { what, by, name, exit } of interruptions) {
  test.serial(`In the middle of the start ${what} leaves nothing behind`, async (t) => {
    t.timeout(longWait)
    await using demo = await startDemo([], {}, by)
    await demo.told(/Installing Tenantry/)
    t.true(demo.signal(name).length >= 4, 'etcd, apiserver, controllers, PostgreSQL, mailbox')
    t.is(await demo.ended, exit)
    await demo.nothingIsLeft()
  })
}

test.serial('In a cluster that is named it leaves everything as it was', async (t) => {
  t.timeout(longWait)
  await using cluster = await startControlPlane()
  const named = { TENANTRY_TEST_KUBECONFIG: cluster.kubeconfigPath }
  const inventory = () =>
    cluster.kubectl([
      'get',
      'crd,namespaces,clusterroles,clusterrolebindings,validatingadmissionpolicies',
      '-o',
      'name',
    ])
  const before = await inventory()
  await using demo = await startDemo([], named)
  await demo.told(/Ctrl-C ends/)
  t.regex(await cluster.kubectl(['get', 'tenants', '-A']), /acme/)
  await using second = await startDemo([], named)
  t.is(await second.ended, 1)
  t.regex(second.output(), /has the namespace tenantry-system already, which the demo would take over/)
  demo.signal('SIGINT')
  t.is(await demo.ended, 0, demo.output())
  t.is(await inventory(), before)
  await demo.nothingIsLeft()
})

test.serial(
  'An unknown option is refused in one sentence; a broken start tells why, and where its log is',
  async (t) => {
    await using wrong = await startDemo(['--fast'])
    t.is(await wrong.ended, 2)
    t.is(wrong.output(), '--fast is no option of the demo; "npm run demo -- --help" lists them.\n')
    await using broken = await startDemo([], { KUBEBUILDER_ASSETS: '/nowhere' })
    t.is(await broken.ended, 1)
    t.regex(broken.output(), /The demo ended: KUBEBUILDER_ASSETS is \/nowhere, and has no etcd that can be run\./)
    const [, log = ''] = /The log is (\S+)/.exec(broken.output()) ?? []
    t.regex(await readFile(log, 'utf8'), /KUBEBUILDER_ASSETS[^]*at checkedAssets/)
    t.deepEqual(
      (await readdir(broken.folder)).map((name) => join(broken.folder, name)),
      [log],
    )
  },
)
