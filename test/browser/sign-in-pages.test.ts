/** The pages of sign-in in a real Chromium: on a telephone and a desktop, light and dark, without JavaScript, by axe. */
import type { AddressInfo } from 'node:net'
import test from 'ava'
import type { Browser, Page } from 'playwright-core'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import type { LdapProvider, OidcProvider } from '../../operator/web/sign-in/providers.ts'
import { cheapHash, consoleOf, newWords, secretWords } from '../unit/web/console.ts'
import type { Console, Options } from '../unit/web/console.ts'
import { People } from '../unit/web/people.ts'
import { condition } from '../unit/tenantadmin/gen.ts'
import { desktop, launchChromium, phone } from './chromium.ts'
import { looksRight, screens } from './looks.ts'

let browser: Browser
test.before('Chromium', async () => {
  browser = await launchChromium()
})
test.after.always(() => browser?.close())

interface Scene extends Console {
  readonly url: string
}

const jane = { email: 'jane.doe@blueharbor.example', username: 'jane.doe', firstName: 'Jane', lastName: 'Doe' }
const identity = {
  provider: 'corp',
  subject: 's',
  username: 'jdoe',
  email: 'jdoe@example.com',
  name: 'Jane',
  groups: [],
}

const ldap: LdapProvider = {
  kind: 'ldap',
  id: 'corp',
  name: 'Northwind Directory',
  usernamePrompt: undefined,
  authenticate: (username) =>
    Promise.resolve({
      kind: 'Accepted',
      identity: { ...identity, email: username === 'none' ? undefined : identity.email },
    }),
}
const refused = () => Promise.resolve({ kind: 'Refused', reason: 'state' } as const)
const oidc: OidcProvider = {
  kind: 'oidc',
  id: 'sso',
  name: 'Northwind SSO',
  begin: () => Promise.resolve({ kind: 'Unavailable', reason: 'connection' }),
  complete: refused,
  logoutUrl: () => Promise.resolve('https://sso.example/logout'),
  verifyLogoutToken: refused,
}
const available = [condition('Available', 'True', 'Provisioned')]

/** A first password. */
const given = { passwordSecretRef: { name: 'first' } }
const customers: readonly (readonly [string, string, boolean])[] = [
  ['blue-harbor', 'Blue Harbor Logistics', true],
  ['atlas', 'Atlas & Sons', true],
  ['oakridge', 'Oakridge Municipal Hospital and Rehabilitation Centre', true],
  ['zephyr', 'Zephyr Wind', false],
  ...['Bakery', 'Cinema', 'Dentist', 'Embassy', 'Florist', 'Gallery', 'Harbour'].map(
    (name) => [name.toLowerCase(), `The Old ${name}`, true] as const,
  ),
]

async function scene(options: Options = {}, more: Partial<TenantAdmin['spec']> = {}, count = 4): Promise<Scene> {
  const people = new People()
  const msp = people.tenant('northwind', {
    spec: { type: 'MSP', displayName: 'Northwind Managed Services' },
    status: { conditions: available },
  })
  for (const [name, displayName, isOn] of customers.slice(0, count)) {
    const status = { url: `https://${name}-northwind.console.example`, ...(isOn ? { conditions: available } : {}) }
    people.tenant(name, {
      namespace: 'tenant-northwind',
      spec: { displayName, state: isOn ? 'Active' : 'Deactivated' },
      status,
    })
  }
  people.admin('jane', msp, { ...jane, ...more }, cheapHash(secretWords))
  const site = await consoleOf(people, { ...options, settings: { publicUrl: 'http://127.0.0.1', ...options.settings } })
  await site.app.listen({ host: '127.0.0.1', port: 0 })
  return { ...site, url: `http://127.0.0.1:${(site.app.server.address() as AddressInfo).port}` } // TCP, so no string
}

async function signIn(page: Page, { url }: Scene, password = secretWords): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('E-mail address').fill(jane.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

interface Shown {
  readonly make?: () => Promise<Scene>
  readonly go: (page: Page, at: Scene) => Promise<void>
}

const pages: Readonly<Record<string, Shown>> = {
  'sign-in': { go: async (page, { url }) => void (await page.goto(`${url}/sign-in`)) },
  'sign-in-wrong': { go: (page, at) => signIn(page, at, 'wrong words entirely') },
  'sign-in-directories': {
    make: () => scene({ providers: [ldap, oidc] }),
    go: async (page, { url }) => void (await page.goto(`${url}/sign-in`)),
  },
  'sign-in-sso-down': {
    make: () => scene({ providers: [ldap, oidc] }),
    go: async (page, { url }) => void (await page.goto(`${url}/sign-in/sso`)),
  },
  'sign-in-local-of-many': {
    make: () => scene({ providers: [ldap, oidc] }),
    go: async (page, { url }) => void (await page.goto(`${url}/sign-in?with=local`)),
  },
  portal: { go: (page, at) => signIn(page, at) },
  'portal-none': { make: () => scene({}, { role: 'Technician' }), go: (page, at) => signIn(page, at) },
  'portal-one': { make: () => scene({}, {}, 0), go: (page, at) => signIn(page, at) },
  'portal-twelve': { make: () => scene({}, {}, 11), go: (page, at) => signIn(page, at) },
  'must-change': { make: () => scene({}, given), go: (page, at) => signIn(page, at) },
  account: {
    go: async (page, at) => {
      await signIn(page, at)
      await at.people.store.open({ person: (await session(at)).person })
      await page.goto(`${at.url}/account`)
    },
  },
  'change-password': {
    go: async (page, at) => {
      await signIn(page, at)
      await page.goto(`${at.url}/account/password`)
    },
  },
  'change-password-errors': {
    make: () => scene({}, given),
    go: async (page, at) => {
      await signIn(page, at)
      await page.getByLabel('Current password').fill(secretWords)
      await page.getByLabel('New password', { exact: true }).fill('short')
      await page.getByRole('button', { name: 'Change password' }).click()
    },
  },
  refused: {
    make: () => scene({ providers: [ldap] }),
    go: async (page, { url }) => {
      await page.goto(`${url}/sign-in`)
      await page.getByLabel('Username').fill('jdoe')
      await page.getByLabel('Password').fill('words')
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
  },
  'refused-no-email': {
    make: () => scene({ providers: [ldap] }),
    go: async (page, { url }) => {
      await page.goto(`${url}/sign-in`)
      await page.getByLabel('Username').fill('none')
      await page.getByLabel('Password').fill('words')
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
  },
  'signed-out': {
    go: async (page, at) => {
      await signIn(page, at)
      await page.getByRole('button', { name: 'Sign out' }).click()
    },
  },
}

async function session({ people }: Scene) {
  const [found] = [...people.sessions.values()]
  if (found === undefined) throw new Error('nobody is signed in')
  return Promise.resolve(found)
}

for (const [name, { make = () => scene(), go }] of Object.entries(pages))
  for (const [screen, options] of screens)
    test.serial(
      `${name} on ${screen}: nothing for axe or the browser to complain of, and nothing wider than the screen`,
      async (t) => {
        const at = await make()
        await looksRight(t, {
          browser,
          name: `${name}-${screen}`,
          options,
          go: (page) => go(page, at),
          expected: /status of (403|422|503)/,
        })
        await at.app.close()
      },
    )

test.serial(
  'From the first password to the tenants and out again by keyboard, on a telephone without JavaScript',
  async (t) => {
    const at = await scene({}, given)
    const context = await browser.newContext({ ...phone, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${at.url}/portal`)
    t.is(page.url(), `${at.url}/sign-in?return=%2Fportal`)
    // The browser moves the focus there once it has drawn the page.
    await page.locator('#account:focus').waitFor()
    await page.keyboard.type('northwind/jane.doe')
    await page.keyboard.press('Tab')
    await page.keyboard.type(secretWords)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account/password')
    await page.getByLabel('Current password').fill(secretWords)
    await page.getByLabel('New password', { exact: true }).fill(newWords)
    await page.getByLabel('Repeat the new password').fill(newWords)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/portal')
    t.is(await page.getByRole('listitem').count(), 5)
    t.is(
      await page.getByRole('link', { name: 'Atlas & Sons' }).getAttribute('href'),
      'https://atlas-northwind.console.example/',
    )
    await page.getByRole('button', { name: 'Sign out' }).click()
    t.is(await page.getByRole('heading', { level: 1 }).textContent(), 'You are signed out')
    await page.goBack()
    await page.reload()
    t.true(page.url().startsWith(`${at.url}/sign-in`))
    await context.close()
    await at.app.close()
  },
)

test.serial(
  'A foreign page cannot sign a person out, or in as another, though the browser has the cookies',
  async (t) => {
    const at = await scene()
    const context = await browser.newContext(desktop)
    const page = await context.newPage()
    await signIn(page, at)
    await page.waitForURL('**/portal')
    const { csrfKey } = await session(at)
    const form = `<form method="post" action="${at.url}/sign-out"><input name="key" value="${csrfKey}"><button>Win</button></form>`
    await context.route('http://evil.localhost/**', (route) => route.fulfill({ contentType: 'text/html', body: form }))
    await page.goto('http://evil.localhost/')
    await page.getByRole('button').click()
    await page.waitForURL(`${at.url}/**`)
    await page.goto(`${at.url}/portal`)
    t.is(await page.getByRole('heading', { level: 1 }).textContent(), 'Your tenants')
    await context.close()
    await at.app.close()
  },
)
