/** An invited person without a browser: follows the link of a mail and sends the form, as a browser without JavaScript does. */

import { setTimeout as sleep } from 'node:timers/promises'

export interface AcceptOptions {
  readonly password?: string
  /** The button is pressed and nothing else touched, as a program does that looks into links. */
  readonly untouched?: boolean
}

/** `accepted`: the page said so. `dead`: the link does not work (any more). `refused`: something in the form is wrong. */
export type Answer = 'accepted' | 'dead' | 'refused'

/** Throws what fetch throws when the web does not answer. */
export async function acceptInvite(
  link: string,
  { password = 'correct horse battery staple', untouched = false }: AcceptOptions = {},
): Promise<Answer> {
  const options = { redirect: 'manual' } as const
  const first = await retried(link, options)
  await first.body?.cancel()
  const cookie = first.headers.getSetCookie().map((each) => each.split(';')[0] ?? '')
  const page = new URL('/accept', link)
  const form = await retried(page, { ...options, headers: { cookie: cookie.join('; ') } })
  const html = await form.text()
  if (form.status === 410) return 'dead'
  const hidden = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
  const body = new URLSearchParams(hidden.map(([, name = '', value = '']): [string, string] => [name, value]))
  const entered = untouched ? {} : { password, passwordAgain: password, consent: 'yes' }
  for (const [name, value] of Object.entries(entered)) body.set(name, value)
  const headers = { cookie: cookie.join('; '), origin: page.origin, 'sec-fetch-site': 'same-origin' }
  const answer = await retried(page, { ...options, method: 'POST', headers, body })
  await answer.body?.cancel()
  if (answer.status === 303) return 'accepted'
  return answer.status === 410 ? 'dead' : 'refused'
}

/**
 * All invited persons of all tests come from one address, and are told to wait where they come too fast: so each request has
 * its time, and not all of them together.
 */
async function retried(url: string | URL, init: RequestInit): Promise<Response> {
  for (;;) {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) })
    if (answer.status !== 429) return answer
    await answer.body?.cancel()
    await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1))
  }
}
