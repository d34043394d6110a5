/** Every page in the one layout, with everything escaped. */
import { createHash } from 'node:crypto'
import test from 'ava'
import { loadViews } from '../../../../operator/web/views/views.ts'
import type { DonePage, InvitePage, Pages } from '../../../../operator/web/views/views.ts'

const evil = '<img src=x onerror=alert(1)>'
const views = loadViews(evil)

const invite: InvitePage = {
  tenantName: evil,
  inviterName: evil,
  recipientName: evil,
  email: evil,
  username: evil,
  role: evil,
  expiresAt: evil,
  consentText: evil,
  consentDigest: evil,
  asksPassword: true,
  asksConfirmation: true,
  shortestPassword: 12,
  key: evil,
  nonce: evil,
  consented: false,
  errors: { consent: evil, password: evil, passwordAgain: evil },
  errorCount: 3,
}
const done: DonePage = {
  tenantName: evil,
  username: evil,
  url: evil,
  ready: true,
  stalled: false,
  refresh: undefined,
}
const bar = { name: evil, key: evil, restricted: false }
const pages: Pages = {
  invite,
  done,
  dead: {},
  'not-found': {},
  forbidden: {},
  'too-many': {},
  error: { reference: evil, temporary: true },
  'sign-in': {
    problem: evil,
    key: evil,
    returnTo: evil,
    form: { action: evil, title: evil, local: true, field: evil, label: evil, value: evil },
    choice: true,
    links: [{ name: evil, href: evil }],
    others: [{ name: evil, href: evil }],
  },
  'change-password': {
    bar,
    mustChange: true,
    root: false,
    account: evil,
    shortestPassword: 12,
    errors: { current: evil, password: evil, passwordAgain: evil },
    problem: evil,
  },
  account: {
    bar,
    notice: evil,
    name: evil,
    email: evil,
    user: evil,
    provider: evil,
    root: true,
    canChangePassword: true,
    sessions: [{ name: evil, since: evil, lastSeen: evil, current: false }],
  },
  portal: {
    bar,
    wide: true,
    root: false,
    entrances: [
      { name: evil, initial: evil, cloudId: evil, url: evil, host: evil, state: evil, way: evil, until: evil },
    ],
    more: 3,
  },
  refused: { account: evil, provider: evil, noEmail: true },
  'signed-out': { everywhere: true, provider: { name: evil, href: evil } },
  'stale-form': { bar },
}

for (const page of Object.keys(pages) as (keyof Pages)[])
  test(`${page} is one HTML page with the stylesheet, and no text of others is markup`, (t) => {
    const html = views.render(page, pages[page])
    t.regex(html, /^<!doctype html>/i)
    t.true(html.includes(views.stylesheet.path))
    t.false(html.includes('<img'), html)
    t.false(html.includes('<script'))
  })

test('the path of the stylesheet changes with its content, as browsers keep it for a year', (t) => {
  const digest = createHash('sha256').update(views.stylesheet.content).digest('hex').slice(0, 16)
  t.is(views.stylesheet.path, `/assets/style-${digest}.css`)
})

test('a page that refreshes says after how many seconds, any other does not', (t) => {
  t.true(views.render('done', { ...done, refresh: 20 }).includes('<meta http-equiv="refresh" content="20">'))
  t.false(views.render('done', done).includes('http-equiv="refresh"'))
})

test('a template without one of its values fails, instead of leaving a gap', (t) => {
  t.throws(() => views.render('error', {} as Pages['error']), { any: true, message: /reference|temporary/ })
})
