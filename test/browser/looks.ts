/** Each page as a person sees it: on a telephone and a desktop, light and dark. */
import type { ExecutionContext } from 'ava'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { accessibilityFindings, complaints, desktop, phone, picture } from './chromium.ts'

export const screens: readonly (readonly [string, BrowserContextOptions])[] = [
  ['phone', phone],
  ['desktop', desktop],
  ['phone-dark', { ...phone, colorScheme: 'dark' }],
  ['desktop-dark', { ...desktop, colorScheme: 'dark' }],
]

export interface Look {
  readonly browser: Browser
  /** Of the picture. */
  readonly name: string
  readonly options: BrowserContextOptions
  /** Opens the page. */
  readonly go: (page: Page) => Promise<void>
  /** Complaints of Chromium's own that are expected: a status of 4xx, say. */
  readonly expected: RegExp
  /** Rules of axe that do not count here. */
  readonly excused?: readonly string[] | undefined
}

/** Nothing for axe or the browser to complain of, and nothing wider than the screen. */
export async function looksRight(t: ExecutionContext, look: Look): Promise<void> {
  const context = await look.browser.newContext(look.options)
  const said = complaints(context)
  const page = await context.newPage()
  await look.go(page)
  await picture(page, look.name)
  t.deepEqual(await accessibilityFindings(page, look.excused), [])
  t.is(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0)
  t.deepEqual(
    said.filter((each) => !look.expected.test(each)),
    [],
  )
  await context.close()
}
