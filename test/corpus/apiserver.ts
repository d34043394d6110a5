/** Requests to a kube-apiserver as anybody, with its whole answer. */
import { request } from 'node:https'
import { kinds } from '../../operator/api/kinds.ts'
import type { Manifest } from './cases.ts'
import type { Person } from './people.ts'

export interface Answer {
  readonly status: number
  readonly body: AnswerBody
}

/** Either the object, or a metav1.Status. */
export interface AnswerBody {
  readonly kind: string
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message: string }[] }
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly generation: number }
  readonly spec: unknown
  readonly status?: unknown
}

export interface ApiServer {
  send(who: Person, method: string, path: string, body?: object): Promise<Answer>
}

/** `token` is one of an admin, who may impersonate. */
export function apiServerAt(server: string, ca: string, token: string): ApiServer {
  return {
    async send({ user, groups }, method, path, body) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': type,
        'impersonate-user': user,
        'impersonate-group': [...groups, 'system:authenticated'],
      }
      const outgoing = request(`${server}${path}`, { method, ca, headers, timeout: 30_000 }, (incoming) => {
        let text = ''
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(text) as AnswerBody }))
      })
      outgoing.once('error', reject)
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
      return promise
    },
  }
}

interface Place {
  readonly prefix: string
  readonly plural: string
  readonly namespaced: boolean
}

const foreign: Readonly<Record<string, Place>> = {
  Namespace: { prefix: '/api/v1', plural: 'namespaces', namespaced: false },
  Service: { prefix: '/api/v1', plural: 'services', namespaced: true },
  Secret: { prefix: '/api/v1', plural: 'secrets', namespaced: true },
  Pod: { prefix: '/api/v1', plural: 'pods', namespaced: true },
  ServiceAccount: { prefix: '/api/v1', plural: 'serviceaccounts', namespaced: true },
  PersistentVolumeClaim: { prefix: '/api/v1', plural: 'persistentvolumeclaims', namespaced: true },
  Deployment: { prefix: '/apis/apps/v1', plural: 'deployments', namespaced: true },
  CronJob: { prefix: '/apis/batch/v1', plural: 'cronjobs', namespaced: true },
  ConfigMap: { prefix: '/api/v1', plural: 'configmaps', namespaced: true },
  ResourceQuota: { prefix: '/api/v1', plural: 'resourcequotas', namespaced: true },
  LimitRange: { prefix: '/api/v1', plural: 'limitranges', namespaced: true },
  Ingress: { prefix: '/apis/networking.k8s.io/v1', plural: 'ingresses', namespaced: true },
  NetworkPolicy: { prefix: '/apis/networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
  HTTPRoute: { prefix: '/apis/gateway.networking.k8s.io/v1', plural: 'httproutes', namespaced: true },
  RoleBinding: { prefix: '/apis/rbac.authorization.k8s.io/v1', plural: 'rolebindings', namespaced: true },
  CustomResourceDefinition: {
    prefix: '/apis/apiextensions.k8s.io/v1',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
}

function placeOf(kind: string): Place {
  const own = kinds.find(({ resource }) => resource.kind === kind)?.resource
  const place =
    own === undefined
      ? foreign[kind]
      : { prefix: `/apis/${own.apiVersion}`, plural: own.plural, namespaced: own.namespaced }
  if (place === undefined) throw new Error(`the corpus does not know where ${kind} is`)
  return place
}

export const isNamespaced = (kind: string): boolean => placeOf(kind).namespaced
export const pluralOf = (kind: string): string => placeOf(kind).plural

/** The path of the kind in the manifest's namespace; of the object when `name` is given. */
export function pathOf({ kind, metadata }: Manifest, what: 'collection' | 'object'): string {
  const { prefix, plural, namespaced } = placeOf(kind)
  const folder = namespaced ? `${prefix}/namespaces/${metadata.namespace}/${plural}` : `${prefix}/${plural}`
  return what === 'collection' ? folder : `${folder}/${metadata.name}`
}

/** The sentences of a refusal, one for each cause. */
export function sentencesOf({ body }: Answer): readonly string[] {
  const message = body.message ?? ''
  const denied = /denied request: (.*)$/s.exec(message)?.[1]
  if (denied !== undefined) return [denied]
  // The apiserver's own hint beside a schema error, that it did not get to the rules.
  const causes = (body.details?.causes ?? []).filter(({ message: cause }) => !cause.includes('rules were not checked'))
  if (causes.length === 0) return [message.replace(/^.* in version "[^"]*" cannot be handled as a [^:]*: /, '')]
  return causes.map(({ field, message: cause }) => (field === undefined ? cause : `${field}: ${cause}`))
}
