/** A real Chromium for the browser tests, quiet and without a sandbox where it runs as root. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

/** The path that the runner found; Debian's where a test is run by itself. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['TENANTRY_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
    timeout: 120_000,
    args: ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  })
}

/** A telephone, by its screen. */
export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
}
export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 860 } }

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What axe-core finds wrong on the page, in words. Runs past the page's Content-Security-Policy, as a debugger does. */
export async function accessibilityFindings(page: Page, without: readonly string[] = []): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page)
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    return result.value
  }
  await evaluate(axe)
  const found = (await evaluate('axe.run(document).then((results) => results.violations)')) as readonly Finding[] // axe's own type
  await session.detach()
  return found
    .filter(({ id }) => !without.includes(id))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

/** Where pictures of the pages are kept when somebody wants to look at them. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['TENANTRY_TEST_PICTURES']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

/** What the browser complained of: refused styles, failed requests. */
export function complaints(context: BrowserContext): readonly string[] {
  const said: string[] = []
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text())
  })
  context.on('weberror', (error) => void said.push(String(error.error())))
  return said
}
