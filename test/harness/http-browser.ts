/** A person at a browser, by HTTP only: cookies, redirects and forms. */
import { request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Page {
  readonly url: string
  readonly status: number
  readonly body: string
}

type Answer = Page & { readonly location: string | undefined }

export class HttpBrowser {
  readonly #ca: string
  readonly #stopAt: string
  readonly #cookies = new Map<string, string>()

  /** `stopAt`: a redirect to a URL that begins so is not followed; the page has its URL and the status 0. */
  constructor(ca: string, stopAt: string) {
    this.#ca = ca
    this.#stopAt = stopAt
  }

  visit(url: string): Promise<Page> {
    return this.#follow(url)
  }

  /** Sends the first form of the page, with its hidden fields. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const form = /<form[^>]*>/i.exec(page.body)?.[0]
    if (form === undefined) throw new Error(`${page.url} has no form (${page.status}): ${page.body.slice(0, 500)}`)
    const action = attribute(form, 'action') ?? page.url
    const body = new URLSearchParams(fields)
    for (const [input] of page.body.matchAll(/<input[^>]*type="hidden"[^>]*>/gi))
      body.set(attribute(input, 'name') ?? '', attribute(input, 'value') ?? '')
    return this.#follow(new URL(action, page.url).href, body.toString())
  }

  async #follow(first: string, firstBody?: string): Promise<Page> {
    let [url, body] = [first, firstBody]
    for (let redirects = 0; redirects < 15; redirects += 1) {
      if (url.startsWith(this.#stopAt)) return { url, status: 0, body: '' }
      const answer = await this.#send(url, body)
      if (answer.location === undefined) return answer
      url = new URL(answer.location, url).href
      body = undefined
    }
    throw new Error(`more than 15 redirects from ${first}`)
  }

  #send(url: string, body: string | undefined): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
    const headers = { ...(cookie === '' ? {} : { cookie }), ...type }
    const method = body === undefined ? 'GET' : 'POST'
    const call = request(url, { ca: this.#ca, agent: false, method, headers, timeout: 10_000 }, (response) => {
      for (const line of response.headers['set-cookie'] ?? []) this.#keep(line)
      const { statusCode: status = 0 } = response
      const { location } = response.headers
      text(response).then((content) => resolve({ url, status, body: content, location }), reject)
    })
    call.once('timeout', () => call.destroy(new Error(`${url} did not answer within 10 s`)))
    call.once('error', reject)
    call.end(body)
    return promise
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1]
  return value?.replaceAll('&amp;', '&').replaceAll('&#34;', '"').replaceAll('&#43;', '+')
}
