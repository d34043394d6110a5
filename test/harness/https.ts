import { request } from 'node:https'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** GET with this authority and bearer token. @throws Error when no answer comes within two seconds. */
export function httpsGet(url: string, { ca, token }: { ca: string; token: string }): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options = { ca, agent: false, headers: { authorization: `Bearer ${token}` }, timeout: 2000 }
  const call = request(url, options, (response) => {
    let body = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    response.once('error', reject)
  })
  call.once('timeout', () => call.destroy(new Error(`${url} did not answer within 2 s`)))
  call.once('error', reject)
  call.end()
  return promise
}
