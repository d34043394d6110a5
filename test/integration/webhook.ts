/** An admission webhook that answers over TLS, as those of Kyverno and Gatekeeper do. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Api } from '../harness/api.ts'
import { createAuthority } from '../harness/certificate.ts'
import { conditionFor, inForce, isDenied, rulesOf } from './refusing.ts'
import type { Refused } from './refusing.ts'

/** Of the request in an `admission.k8s.io/v1` AdmissionReview. */
export interface Asked {
  readonly name: string
  readonly userInfo: { readonly username: string }
}

/** As kube-apiserver sends it. */
interface Review {
  readonly request: Asked & { readonly uid: string }
}

export type Answer =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status?: { readonly message: string; readonly code?: number | undefined } }

/** It is removed, then closed, at the end of its scope. */
export interface Webhook extends AsyncDisposable {
  /** It answers no more; its configuration stays until it is removed. */
  close(): Promise<void>
  remove(): Promise<unknown>
}

/** Resolves once the API server asks it about what is `meant`. It answers until it is closed. */
export async function startWebhook(
  api: Api,
  id: string,
  meant: Refused,
  answer: (asked: Asked) => Promise<Answer> | Answer,
): Promise<Webhook> {
  const authority = createAuthority('webhook')
  const { certificate: cert, key } = authority.issue('webhook', ['127.0.0.1'])
  const server = createServer({ cert, key }, (request, response) => {
    void text(request).then(async (body) => {
      const { uid, ...asked } = (JSON.parse(body) as Review).request
      const said: Answer = asked.name === id ? { allowed: false } : await answer(asked)
      response.setHeader('content-type', 'application/json')
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }
      response.end(JSON.stringify({ ...review, response: { uid, ...said } }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's
  const url = `https://127.0.0.1:${port}/`
  const remove = await configure(api, id, meant, {
    url,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
  })
  await inForce(api, id, isDenied)
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const dispose = async () => {
    await remove()
    await close()
  }
  return { close, remove, [Symbol.asyncDispose]: dispose }
}

/** Denies what is meant. `code`: the HTTP status with which it denies; 403 where it gives none. */
export async function refuseByWebhook(api: Api, id: string, refused: Refused, message: string, code?: number) {
  const askedAt: number[] = []
  const webhook = await startWebhook(api, id, refused, () => {
    askedAt.push(performance.now())
    return { allowed: false, status: { message, code } }
  })
  /** When it was asked (monotonic milliseconds). */
  return { ...webhook, askedAt }
}

/** The API server cannot tell whether to ask it about what is meant, as objects lack what one of its conditions reads. */
export async function refuseByCondition(api: Api, id: string, meant: Refused): Promise<Webhook['remove']> {
  const condition = { name: 'team', expression: `object.metadata.annotations['team'] == 'a'` }
  const clientConfig = { url: 'https://127.0.0.1:1/' }
  const remove = await configure(api, id, meant, clientConfig, condition)
  await inForce(api, id, (probe) =>
    probe().then(
      () => false,
      (error: unknown) => String(error).includes('resulted in error'),
    ),
  )
  return remove
}

async function configure(
  api: Api,
  id: string,
  meant: Refused,
  clientConfig: object,
  ...conditions: readonly object[]
): Promise<Webhook['remove']> {
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
  await api.send('POST', path, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: id },
    webhooks: [
      {
        name: `${id}.example.com`,
        clientConfig,
        rules: rulesOf(meant),
        matchConditions: [conditionFor(id, meant, meant.name), ...conditions],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        // One that is slow to answer is none that is silent.
        timeoutSeconds: 30,
      },
    ],
  })
  return () => api.send('DELETE', `${path}/${id}`)
}
