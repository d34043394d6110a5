/** The pages of people who sign in, over the cluster in memory, and a browser's part in them. */
import { scryptSync } from 'node:crypto'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { silent } from '../../../operator/runtime/logging/log.ts'
import type { Logger } from '../../../operator/runtime/logging/log.ts'
import { buildApp } from '../../../operator/web/app.ts'
import { signInRoutes } from '../../../operator/web/routes/sign-in-routes.ts'
import { AccountThrottle } from '../../../operator/web/sign-in/account-throttle.ts'
import type { AuditRecord } from '../../../operator/web/sign-in/audit.ts'
import { HashSlots } from '../../../operator/web/sign-in/hash-slots.ts'
import type { Provider } from '../../../operator/web/sign-in/providers.ts'
import type { SignInSettings } from '../../../operator/web/sign-in/settings.ts'
import { People, webNamespace } from './people.ts'
import { hiddenFields, ownPage, webSettings } from './site.ts'

export const publicUrl = 'https://console.example.com'

export const signInSettings: SignInSettings = {
  publicUrl,
  productName: 'Northwind Cloud',
  webNamespace,
  installation: 'main',
  userPrefix: 'oidc:',
  localSignIn: true,
  root: { username: 'root', email: undefined, user: 'tenantry:root', signIn: { kind: 'Local' } },
  attempts: { burst: 1000, perSecond: 100 },
  refusalDelay: 0,
}

/** A hash as Tenantry makes it, at a cost that tests can pay. */
export function cheapHash(password: string): string {
  const salt = Buffer.alloc(16, 7)
  const hash = scryptSync(password.normalize('NFKC'), salt, 32, { N: 16, r: 8, p: 1 })
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=4,r=8,p=1$${text(salt)}$${text(hash)}`
}

export const secretWords = 'violet harbour kettle'
export const newWords = 'amber lantern sparrow'

export interface Console {
  readonly people: People
  readonly app: FastifyInstance
  readonly records: AuditRecord[]
}

export interface Options {
  readonly settings?: Partial<SignInSettings>
  readonly providers?: readonly Provider[]
  readonly log?: Logger
  readonly trustProxy?: boolean
}

export async function consoleOf(people: People, options: Options = {}): Promise<Console> {
  const { settings = {}, providers = [], log = silent, trustProxy = false } = options
  const records: AuditRecord[] = []
  const { kube, caches, store, clock, random } = people
  const ports = {
    kube,
    caches,
    store,
    clock,
    random,
    log,
    throttle: new AccountThrottle(),
    hashing: new HashSlots(2),
    audit: (record: AuditRecord) => void records.push(record),
  }
  const all = { ...signInSettings, ...settings }
  const keys = () => Promise.reject(new Error('not used'))
  const pages = { ...webSettings, publicUrl: all.publicUrl, productName: all.productName, trustProxy }
  const app = await buildApp({ kube, keys, clock, random, log }, pages, (site, views) => {
    signInRoutes(site, { ports, settings: all, providers, views })
  })
  return { people, app, records }
}

/** One browser: it keeps cookies and follows no redirect. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: FastifyInstance
  readonly #address: string
  constructor(app: FastifyInstance, address = '192.0.2.1') {
    this.#app = app
    this.#address = address
  }

  get(url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    return this.send({ method: 'GET', url, headers })
  }

  post(url: string, fields: Record<string, string>, headers: Record<string, string> = ownPage) {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.send({
      method: 'POST',
      url,
      headers: { ...type, ...headers },
      payload: new URLSearchParams(fields).toString(),
    })
  }

  async send(request: InjectOptions): Promise<LightMyRequestResponse> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...request.headers, ...(cookie === '' ? {} : { cookie }) }
    const response = await this.#app.inject({ ...request, headers, remoteAddress: this.#address })
    for (const { name, value, expires } of response.cookies) {
      if (value === '' || (expires !== undefined && expires.getTime() <= 0)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }

  /** As a person does: opens the page, and sends its form. */
  async signIn(account: string, password: string, more: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    const page = await this.get('/sign-in')
    return this.post('/sign-in', { ...hiddenFields(page.body), account, password, ...more })
  }

  /** Opens a page, and sends a form with its key. */
  async submit(page: string, action: string, fields: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    const { key = '' } = hiddenFields((await this.get(page)).body)
    return this.post(action, { key, ...fields })
  }

  get session(): string | undefined {
    return this.cookies.get('__Host-tenantry-session') ?? this.cookies.get('tenantry-session')
  }
}

/** Jane administers Acme and Beta with different passwords; John only Beta. */
export async function janes(options: Options = {}): Promise<Console> {
  const people = new People()
  const [acme, beta] = [people.tenant('acme'), people.tenant('beta')]
  const jane = { email: 'Jane@example.com', username: 'jane', firstName: 'Jane', lastName: 'Doe' }
  people.admin('jane', acme, jane, cheapHash(secretWords))
  people.admin('jane', beta, jane, cheapHash('crimson teapot gravel'))
  people.admin('john', beta, { email: 'john@example.com', username: 'john' }, cheapHash(secretWords))
  return consoleOf(people, options)
}
