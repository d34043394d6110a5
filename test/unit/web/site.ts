/** The pages over the cluster in memory, and a browser's part in them. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { buildApp } from '../../../operator/web/app.ts'
import type { WebSettings } from '../../../operator/web/accept/settings.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import type { Logger } from '../../../operator/runtime/logging/log.ts'
import { settings as adminSettings, tenant, tenantAdmin } from '../tenantadmin/gen.ts'
import { World } from '../tenantadmin/world.ts'

export const webSettings: WebSettings = {
  publicUrl: adminSettings.publicUrl,
  webNamespace: adminSettings.webNamespace,
  installation: adminSettings.installation,
  productName: adminSettings.productName,
  localSignIn: true,
  trustProxy: false,
  rateLimit: { burst: 10_000, perSecond: 1000 },
  deadLinkDelay: 0,
}

export function site(world: World, over: Partial<WebSettings> = {}, log: Logger = silent): Promise<FastifyInstance> {
  const { kube, keys, clock, random } = world
  return buildApp({ kube, keys, clock, random, log }, { ...webSettings, ...over })
}

export const ownPage = { 'sec-fetch-site': 'same-origin', origin: 'null' }

export function tokenOf(mail: { readonly text: string } | undefined): string {
  const found = /token=([A-Za-z0-9_-]+)/.exec(mail?.text ?? '')?.[1]
  if (found === undefined) throw new Error('no link in the mail')
  return found
}

/** The cookies that an answer sets, as a browser sends them back. */
export function cookiesOf(response: LightMyRequestResponse): string {
  return response.cookies
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ')
}

/** The hidden fields of a page's form. */
export function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)
  return Object.fromEntries(Array.from(fields, ([, name = '', value = '']) => [name, value]))
}

/** Opens the link as a browser does: the answer is the page with the form, and the cookie. */
export async function open(app: FastifyInstance, token: string) {
  const link = await app.inject({ method: 'GET', url: `/accept?token=${token}` })
  const cookie = cookiesOf(link)
  const page = await app.inject({ method: 'GET', url: '/accept', headers: { cookie } })
  return { link, cookie, page, fields: hiddenFields(page.body) }
}

export function submit(
  app: FastifyInstance,
  cookie: string,
  fields: Record<string, string>,
  headers: Record<string, string> = ownPage,
) {
  return app.inject({
    method: 'POST',
    url: '/accept',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  })
}

export const password = { password: 'violet harbour kettle', passwordAgain: 'violet harbour kettle' }
/** The fields of a form that is filled in. */
export const complete = { ...password, consent: 'yes' }

/** Jane Doe has an invite to the tenant. */
export async function invited(spec = {}): Promise<World> {
  const world = new World()
  world.put(tenant({ spec }))
  world.put(tenantAdmin({ spec: { firstName: 'Jane', lastName: 'Doe' } }))
  await world.settle()
  return world
}
