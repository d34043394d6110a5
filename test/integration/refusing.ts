/** What others put in the API server's way: a policy that refuses what concerns one namespace. A webhook that does: webhook.ts. */
import type { Api } from '../harness/api.ts'
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

export const isDenied = (probe: () => Promise<unknown>): Promise<boolean> =>
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
