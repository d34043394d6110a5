/** Every page and the mail in a real Chromium: on a telephone and a desktop, light and dark, without JavaScript, by axe. */
import type { AddressInfo } from 'node:net'
import test from 'ava'
import type { Browser, Page } from 'playwright-core'
import type { FastifyInstance } from 'fastify'
import type { Tenant } from '../../operator/api/tenant.ts'
import { activeMsp, condition, tenant, tenantAdmin } from '../unit/tenantadmin/gen.ts'
import { World } from '../unit/tenantadmin/world.ts'
import { site, tokenOf } from '../unit/web/site.ts'
import { eventually } from '../harness/wait.ts'
import { desktop, launchChromium, phone } from './chromium.ts'
import { looksRight, screens } from './looks.ts'

let browser: Browser
test.before('Chromium', async () => {
  browser = await launchChromium()
})
test.after.always(() => browser?.close())

const terms =
  `We keep your name, your address and the times at which you sign in, for as long as you are an administrator of Blue Harbor Logistics, and show them to nobody else.

You can ask for them, and for their removal, at any time: write to privacy@example.com.

This text is long enough to be scrolled on a telephone. `.concat(
    'It goes on for a while, as such texts do. '.repeat(14),
  )

interface Scene {
  readonly world: World
  readonly app: FastifyInstance
  readonly url: string
  readonly token: string
  readonly declared: Tenant
}

async function scene(spec: Partial<Tenant['spec']> = {}, over: Parameters<typeof site>[1] = {}): Promise<Scene> {
  const world = new World()
  world.put(activeMsp('Northwind Managed Services'))
  world.put({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: 'tenant-msp',
      labels: { 'tenantry.dev/tenant-uid': world.all('Tenant')[0]?.metadata.uid ?? '' },
      annotations: { 'tenantry.dev/tenant': 'home/msp' },
    },
  })
  const declared = tenant({ namespace: 'tenant-msp', spec: { displayName: 'Blue Harbor Logistics', ...spec } })
  world.put(declared)
  world.put(
    tenantAdmin({
      namespace: 'tenant-msp',
      spec: { firstName: 'Jane', lastName: 'Doe', email: 'jane.doe@blueharbor.example', username: 'jane.doe' },
    }),
  )
  await world.settle('tenant-msp/jane')
  const app = await site(world, { publicUrl: 'http://127.0.0.1', productName: 'Northwind Cloud', ...over })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` // TCP, so no string
  return { world, app, url, token: tokenOf(world.mails[0]), declared }
}

/** Rules of axe that do not hold here, and why. */
const excused: Readonly<Record<string, readonly string[]>> = {
  // A mail is shown inside of another page, which has the landmarks.
  mail: ['landmark-one-main', 'region'],
  // Nothing is entered or read at length there, and without JavaScript there is no other way to look again by itself.
  'done-progress': ['meta-refresh'],
  'done-stalled': ['meta-refresh'],
}

/** Each page: how a person comes to see it. */
const pages: Readonly<
  Record<string, { readonly make: () => Promise<Scene>; readonly go: (page: Page, at: Scene) => Promise<void> }>
> = {
  invite: {
    make: () => scene({}, { localSignIn: false }),
    go: async (page, { url, token }) => void (await page.goto(`${url}/accept?token=${token}`)),
  },
  'invite-consent-password': {
    make: () => scene({ userConsent: { enabled: true, text: terms } }),
    go: async (page, { url, token }) => void (await page.goto(`${url}/accept?token=${token}`)),
  },
  'field-errors': {
    make: () => scene({ userConsent: { enabled: true, text: terms } }),
    go: async (page, { url, token }) => {
      await page.goto(`${url}/accept?token=${token}`)
      await page.getByLabel('Choose a password').fill('short')
      await page.getByRole('button', { name: 'Accept invitation' }).click()
    },
  },
  'not-confirmed': {
    make: () => scene({}, { localSignIn: false }),
    go: async (page, at) => {
      await page.goto(`${at.url}/accept?token=${at.token}`)
      await page.getByRole('button', { name: 'Accept invitation' }).click()
    },
  },
  'done-progress': {
    make: () => scene({}, { localSignIn: false }),
    go: async (page, at) => {
      await acceptPlainly(page, at)
      await withoutRefresh(page)
    },
  },
  'done-stalled': {
    make: () => scene({}, { localSignIn: false }),
    go: async (page, at) => {
      await acceptPlainly(page, at)
      const conditions = [condition('Stalled', 'True', 'DatabaseConflict')]
      at.world.put({ ...at.declared, status: { observedGeneration: 1, phase: 'Provisioning', conditions } })
      await reload(page)
    },
  },
  'done-ready': {
    make: () => scene({}, { localSignIn: false }),
    go: async (page, at) => {
      await acceptPlainly(page, at)
      const conditions = [condition('Available', 'True', 'Provisioned')]
      const url = 'https://harbor-northwind.example.com'
      at.world.put({ ...at.declared, status: { observedGeneration: 1, phase: 'Active', url, conditions } })
      await reload(page)
    },
  },
  'dead-link': { make: () => scene(), go: async (page, { url }) => void (await page.goto(`${url}/accept?token=abc`)) },
  'not-found': { make: () => scene(), go: async (page, { url }) => void (await page.goto(`${url}/nothing`)) },
  'too-many': {
    make: () => scene({}, { rateLimit: { burst: 0, perSecond: 1 } }),
    go: async (page, { url }) => void (await page.goto(`${url}/accept`)),
  },
  mail: {
    make: () => scene(),
    go: (page, { world }) => page.setContent(world.mails[0]?.html ?? ''),
  },
}

/** A page that looks again by itself would do so while it is looked at. */
async function withoutRefresh(page: Page): Promise<void> {
  await page.route('**/accept/done', async (route) => {
    const response = await route.fetch()
    const body = await response.text()
    await route.fulfill({ response, body: body.replace('http-equiv="refresh"', 'http-equiv="x-still"') })
  })
  await reload(page)
}

/** The page may look again by itself at the same moment, and be in the way. */
async function reload(page: Page): Promise<void> {
  await eventually(() => page.reload().then(() => true), { timeout: 90_000, describe: 'the page to be loaded again' })
}

async function acceptPlainly(page: Page, { url, token }: Scene): Promise<void> {
  await page.goto(`${url}/accept?token=${token}`)
  await page.getByLabel('I am Jane Doe, and I accept this invitation.').check()
  await page.getByRole('button', { name: 'Accept invitation' }).click()
  await page.waitForURL('**/accept/done')
}

for (const [name, { make, go }] of Object.entries(pages)) {
  for (const [screen, options] of screens) {
    test.serial(
      `${name} on ${screen}: nothing for axe or the browser to complain of, and nothing wider than the screen`,
      async (t) => {
        const at = await make()
        await looksRight(t, {
          browser,
          name: `${name}-${screen}`,
          options,
          go: (page) => go(page, at),
          expected: /status of 4(04|10|22|29)/,
          excused: excused[name],
        })
        await at.app.close()
      },
    )
  }
}

test.serial(
  'An invite is accepted on a telephone without JavaScript, from the link to the address of the tenant',
  async (t) => {
    const at = await scene({ userConsent: { enabled: true, text: terms } })
    const context = await browser.newContext({ ...phone, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${at.url}/accept?token=${at.token}`)
    t.is(page.url(), `${at.url}/accept`)
    await page.getByLabel('Choose a password').fill('violet harbour')
    await page.getByLabel('Repeat the password').fill('violet harbor')
    await page.getByRole('button', { name: 'Accept invitation' }).click()
    t.regex((await page.locator('#passwordAgain-problem').textContent()) ?? '', /do not match/)
    t.regex((await page.locator('#consent-problem').textContent()) ?? '', /Tick the box/)
    await page.getByLabel('Choose a password').fill('violet kettle on a pier')
    await page.getByLabel('Repeat the password').fill('violet kettle on a pier')
    await page.getByLabel('I have read this and agree to it.').check()
    await page.getByRole('button', { name: 'Accept invitation' }).click()
    await page.waitForURL('**/accept/done')
    await page.getByText('is being prepared').first().waitFor()
    await at.world.settle('tenant-msp/jane')
    t.is(at.world.admin('tenant-msp/jane').status?.invite?.status, 'Accepted')
    const conditions = [condition('Available', 'True', 'Provisioned')]
    at.world.put({ ...at.declared, status: { observedGeneration: 1, url: 'https://harbor.example.com', conditions } })
    // The page looks again by itself.
    await page.getByRole('link', { name: 'Go to Blue Harbor Logistics' }).waitFor({ timeout: 30_000 })
    await context.close()
    await at.app.close()
  },
)

const asked: Readonly<Record<string, () => Promise<Scene>>> = {
  nothing: () => scene({}, { localSignIn: false }),
  'a consent': () => scene({ userConsent: { enabled: true, text: terms } }, { localSignIn: false }),
  'a password': () => scene(),
}

for (const [what, make] of Object.entries(asked))
  test.serial(
    `A program that opens links and presses buttons accepts nothing where the page asks for ${what}`,
    async (t) => {
      const at = await make()
      for (const javaScriptEnabled of [true, false]) {
        const context = await browser.newContext({ ...desktop, javaScriptEnabled })
        const page = await context.newPage()
        await page.goto(`${at.url}/accept?token=${at.token}`)
        for (const button of await page.getByRole('button').all()) await button.click()
        t.regex((await page.getByRole('alert').textContent()) ?? '', /The invitation is not accepted yet/)
        await context.close()
      }
      t.deepEqual(
        at.world.all('Secret').filter(({ metadata }) => metadata.name.startsWith('accept-')),
        [],
      )
      await at.app.close()
    },
  )

test.serial('The way back after accepting shows that the link is spent, not the form', async (t) => {
  const at = await scene({}, { localSignIn: false })
  const context = await browser.newContext(phone)
  const page = await context.newPage()
  await acceptPlainly(page, at)
  await page.goto(`${at.url}/accept?token=${at.token}`)
  t.is(await page.getByRole('heading', { level: 1 }).textContent(), 'This link does not work')
  await context.close()
  await at.app.close()
})

test.serial('A foreign page cannot send the form, though the browser has the cookie', async (t) => {
  const at = await scene({}, { localSignIn: false })
  const context = await browser.newContext(desktop)
  const page = await context.newPage()
  await page.goto(`${at.url}/accept?token=${at.token}`)
  const fields = (await page.content()).match(/<input type="hidden"[^>]*>/g)?.join('') ?? ''
  const form = `<form method="post" action="${at.url}/accept">${fields}<button>Win</button></form>`
  // Another site: Chromium tells by the host, and localhost is not 127.0.0.1.
  await context.route('http://evil.localhost/**', (route) => route.fulfill({ contentType: 'text/html', body: form }))
  await page.goto('http://evil.localhost/')
  await page.getByRole('button').click()
  await page.waitForURL(`${at.url}/accept`)
  t.not(
    await page.getByRole('heading', { level: 1 }).textContent(),
    'Thank you. Blue Harbor Logistics is being prepared',
  )
  t.deepEqual(
    at.world.all('Secret').map(({ metadata }) => metadata.name),
    ['tenantry-signing-keys'],
  )
  await context.close()
  await at.app.close()
})
