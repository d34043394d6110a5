/** What others put in the API server's way: a policy, and an admission webhook, that refuse what concerns one namespace. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Api } from '../harness/api.ts'
import { createAuthority } from '../harness/certificate.ts'
import { eventually } from '../harness/wait.ts'

const admission = '/apis/admissionregistration.k8s.io/v1'
const apiVersion = 'admissionregistration.k8s.io/v1'

/** What is refused: a resource in the namespace, or the namespace, plan or server of that name itself. */
export interface Refused {
  readonly namespace: string
  /** One object alone. */
  readonly name?: string
  /** As in a URL: group and plural. */
  readonly group: string
  readonly resource: string
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[]
}

/** Of an `admission.k8s.io/v1` AdmissionReview. */
interface Review {
  readonly request: { readonly uid: string; readonly name: string }
}

/** Beside it stands a ConfigMap named as the policy, in `default`: what becomes of it tells whether the policy is in force. */
export const rulesOf = ({ group, resource, operations }: Refused) => [
  { apiGroups: [group], apiVersions: ['*'], resources: [resource], operations },
  { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
]

export const isProbe = (id: string) =>
  `(request.resource.resource == 'configmaps' && request.namespace == 'default' && request.name == '${id}')`

const clusterWide: ReadonlySet<string> = new Set(['namespaces', 'tenantplans', 'databaseservers'])

export function conditionFor(id: string, { namespace, resource }: Omit<Refused, 'operations'>, name?: string) {
  const place = clusterWide.has(resource) ? 'request.name' : 'request.namespace'
  const isMeant = `request.resource.resource == '${resource}' && ${place} == '${namespace}'`
  const isNamed = name === undefined ? '' : ` && request.name == '${name}'`
  return { name: 'meant', expression: `(${isMeant}${isNamed}) || ${isProbe(id)}` }
}

/** An API server hears of a policy or webhook a moment after it is made. */
export async function inForce(api: Api, id: string, tells: (probe: () => Promise<unknown>) => Promise<boolean>) {
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id } }
  const send = () => api.send('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', probe)
  await eventually(() => tells(send), { timeout: 60_000, describe: `${id} to be in force` })
}

const isDenied = (probe: () => Promise<unknown>): Promise<boolean> =>
  probe().then(
    () => false,
    (error: unknown) => String(error).includes('denied'),
  )

/** A ValidatingAdmissionPolicy; gives back how to end it. `reason`: with which HTTP status it refuses; Invalid by default. */
export async function refuseByPolicy(
  api: Api,
  id: string,
  refused: Refused,
  message: string,
  reason?: 'Forbidden' | 'RequestEntityTooLarge',
) {
  const base = { apiVersion, metadata: { name: id } }
  await api.send('POST', `${admission}/validatingadmissionpolicies`, {
    ...base,
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: rulesOf(refused) },
      matchConditions: [conditionFor(id, refused, refused.name)],
      validations: [{ expression: 'false', message, reason }],
    },
  })
  await api.send('POST', `${admission}/validatingadmissionpolicybindings`, {
    ...base,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: id, validationActions: ['Deny'] },
  })
  await inForce(api, id, isDenied)
  return async () => {
    await api.send('DELETE', `${admission}/validatingadmissionpolicybindings/${id}`)
    await api.send('DELETE', `${admission}/validatingadmissionpolicies/${id}`)
  }
}

/**
 * A webhook that answers over TLS, as those of Kyverno and Gatekeeper do, until it is closed; the configuration stays until it
 * is removed. `code`: the HTTP status with which it denies; 403 where it gives none.
 */
export async function refuseByWebhook(api: Api, id: string, refused: Refused, message: string, code?: number) {
  const authority = createAuthority('webhook')
  const askedAt: number[] = []
  const { certificate: cert, key } = authority.issue('webhook', ['127.0.0.1'])
  const server = createServer({ cert, key }, (request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { uid, name } = (JSON.parse(body) as Review).request // sent by kube-apiserver, whose schema is fixed
      if (name !== id) askedAt.push(performance.now())
      const answer = { uid, allowed: false, status: { message, code } }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's
  await api.send('POST', `${admission}/validatingwebhookconfigurations`, {
    apiVersion,
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: id },
    webhooks: [
      {
        name: `${id}.example.com`,
        clientConfig: {
          url: `https://127.0.0.1:${port}/`,
          caBundle: Buffer.from(authority.certificate).toString('base64'),
        },
        rules: rulesOf(refused),
        matchConditions: [conditionFor(id, refused, refused.name)],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        // One that is slow to answer is none that is silent.
        timeoutSeconds: 30,
      },
    ],
  })
  await inForce(api, id, isDenied)
  return {
    /** When it was asked (monotonic milliseconds). */
    askedAt,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
    remove: () => api.send('DELETE', `${admission}/validatingwebhookconfigurations/${id}`),
  }
}
