/** A person at a browser, by HTTP only: cookies, redirects and forms. */
import { request as requestByHttp } from 'node:http'
import { request as requestByTls } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Page {
  readonly url: string
  readonly status: number
  readonly body: string
}

export interface HttpBrowserOptions {
  /** PEM of the authority of pages with TLS. */
  readonly ca?: string
  /** A redirect to a URL that begins so is not followed; the page has its URL and the status 0. */
  readonly stopAt?: string
  /** With every request. */
  readonly headers?: Readonly<Record<string, string>>
}

type Answer = Page & { readonly location: string | undefined }

export class HttpBrowser {
  readonly cookies = new Map<string, string>()
  readonly #options: HttpBrowserOptions

  constructor(options: HttpBrowserOptions = {}) {
    this.#options = options
  }

  visit(url: string): Promise<Page> {
    return this.#follow(url)
  }

  /** Sends the first form of the page, or the one with this action, with its hidden fields. */
  submit(page: Page, fields: Readonly<Record<string, string>>, action?: string): Promise<Page> {
    const forms = [...page.body.matchAll(/(<form[^>]*>).*?<\/form>/gis)]
    const form = forms.find(([, tag = '']) => action === undefined || attribute(tag, 'action') === action)
    if (form === undefined) throw new Error(`${page.url} has no form (${page.status}): ${page.body.slice(0, 500)}`)
    const [content, tag = ''] = form
    const body = new URLSearchParams()
    for (const [input] of content.matchAll(/<input[^>]*type="hidden"[^>]*>/gi))
      body.set(attribute(input, 'name') ?? '', attribute(input, 'value') ?? '')
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return this.#follow(new URL(attribute(tag, 'action') ?? page.url, page.url).href, body.toString())
  }

  async #follow(first: string, firstBody?: string): Promise<Page> {
    let [url, body] = [first, firstBody]
    const { stopAt } = this.#options
    for (let redirects = 0; redirects < 15; redirects += 1) {
      if (stopAt !== undefined && url.startsWith(stopAt)) return { url, status: 0, body: '' }
      const answer = await this.#send(url, body)
      if (answer.location === undefined) return answer
      url = new URL(answer.location, url).href
      body = undefined
    }
    throw new Error(`more than 15 redirects from ${first}`)
  }

  #send(url: string, body: string | undefined): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin }
    const headers = {
      ...this.#options.headers,
      ...(cookie === '' ? {} : { cookie }),
      ...(body === undefined ? {} : form),
    }
    const method = body === undefined ? 'GET' : 'POST'
    const { ca } = this.#options
    const options = { ...(ca === undefined ? {} : { ca }), agent: false, method, headers, timeout: 20_000 } as const
    const request = url.startsWith('https:') ? requestByTls : requestByHttp
    const call = request(url, options, (response) => {
      for (const line of response.headers['set-cookie'] ?? []) this.#keep(line)
      const { statusCode: status = 0 } = response
      const { location } = response.headers
      text(response).then((content) => resolve({ url, status, body: content, location }), reject)
    })
    call.once('timeout', () => call.destroy(new Error(`${url} did not answer within 20 s`)))
    call.once('error', reject)
    call.end(body)
    return promise
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1]
  return value?.replaceAll('&amp;', '&').replaceAll('&#34;', '"').replaceAll('&#43;', '+').replaceAll('&#x3D;', '=')
}
