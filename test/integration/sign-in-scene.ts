/** People who sign in at the pages as a browser does, and what the pages then show. */
import { randomInt } from 'node:crypto'
import type { TenantAdmin } from '../../operator/api/tenantadmin.ts'
import { webNamespaceOf } from '../harness/chart.ts'
import { harness } from '../harness/context.ts'
import { HttpBrowser } from '../harness/http-browser.ts'
import type { Page } from '../harness/http-browser.ts'
import { eventually } from '../harness/wait.ts'
import { startWeb } from '../harness/web.ts'
import type { WebOptions, WebProcess } from '../harness/web.ts'
import { paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

/** What acceptInvite() enters. */
export const password = 'correct horse battery staple'

/** Behind a proxy, so that no person of the tests uses up another's attempts. */
export async function startPages(options: Omit<WebOptions, 'cluster'> = {}): Promise<WebProcess> {
  const env = { TENANTRY_LOG_LEVEL: 'debug', TENANTRY_TRUST_PROXY: 'true', ...options.env }
  const web = await startWeb({ cluster: harness().cluster, ...options, env })
  await web.ready()
  return web
}

/** Somewhere in the world. */
export function visitor(ca?: string): HttpBrowser {
  const address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`
  return new HttpBrowser({ headers: { 'x-forwarded-for': address }, ...(ca === undefined ? {} : { ca }) })
}

/** The page after the form of Tenantry's own passwords. */
export async function signIn(
  { url }: Pick<WebProcess, 'url'>,
  account: string,
  secret = password,
  browser = visitor(),
): Promise<{ readonly browser: HttpBrowser; readonly page: Page }> {
  const form = await browser.visit(`${url}/sign-in?with=local`)
  return { browser, page: await browser.submit(form, { account, password: secret }, '/sign-in') }
}

/** The names on the cards of the portal, or the path of another page. */
export function tenantsOn({ url, body }: Page): readonly string[] | string {
  const { pathname } = new URL(url)
  if (pathname !== '/portal') return pathname
  return [...body.matchAll(/<h2>(?:<a [^>]*>)?([^<]*)/g)].map(([, name = '']) => name)
}

export const portal = async (browser: HttpBrowser, { url }: Pick<WebProcess, 'url'>) =>
  tenantsOn(await browser.visit(`${url}/portal`))

export const alertOn = ({ body }: Page): string => /role="alert">\s*([^<]*)/.exec(body)?.[1]?.trim() ?? ''
export const headingOn = ({ body }: Page): string => /<h1>([^<]*)/.exec(body)?.[1] ?? ''

/** The names of the Secrets with this user's sessions. */
export async function sessionsOf(scene: Scene, user: string): Promise<readonly string[]> {
  const inNamespace = `${paths.namespace(webNamespaceOf(harness().operator.namespace))}/secrets`
  const all = await scene.api.list(`${inNamespace}?labelSelector=app.kubernetes.io/component=session`)
  return all
    .filter(({ data }) => decoded(data).some((text) => text.includes(user)))
    .map(({ metadata }) => metadata.name)
}

function decoded(data: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.values(data).map((value) => Buffer.from(value, 'base64').toString())
}

export const inWebNamespace = (name: string) => paths.secret(webNamespaceOf(harness().operator.namespace), name)

/** Accepted, and known so to these pages. */
export async function acceptedAt(scene: Scene, declared: TenantAdmin, web: WebProcess): Promise<TenantAdmin> {
  const admin = await scene.accept(declared)
  await eventually(async () => (await signIn(web, admin.spec.email)).page.status === 200, {
    timeout: 60_000,
    describe: `${admin.spec.email} to sign in`,
  })
  return admin
}

/** The audit lines of the log. */
export async function auditOf(web: WebProcess): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const lines = (await web.logs()).split('\n').filter((line) => line.startsWith('{'))
  return lines
    .map((line) => JSON.parse(line) as Record<string, unknown>) // our own log
    .filter(({ audit }) => audit === true)
    .map(({ msg, ...fields }) => ({ ...fields, type: msg }))
}
