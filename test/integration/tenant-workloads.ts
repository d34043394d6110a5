/** What a tenant runs, made as its own people would: one of each kind, small enough for every plan. */
import type { Api, Stored } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'

const resources = { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '10m', memory: '8Mi' } }

/** What Pod Security `restricted` asks for. */
const hardened = {
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
  automountServiceAccountToken: false,
}
const contained = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }

export interface PodShape {
  readonly image?: string
  readonly nodeName?: string
  readonly restartPolicy?: 'Never'
  readonly terminationGracePeriodSeconds?: number
}

export function podSpec({ image = 'x', ...shape }: PodShape = {}): object {
  return { ...hardened, ...shape, containers: [{ name: 'c', image, resources, securityContext: contained }] }
}

/** By what is labelled `app` on their pods. */
export const running = { deployment: 2, statefulset: 2, job: 1 } as const

const labelled = (app: string) => ({ matchLabels: { app } })

function templateOf(app: string, shape?: PodShape): object {
  return { metadata: { labels: { app } }, spec: podSpec(shape) }
}

export const workloadPaths = {
  pods: (namespace: string) => `/api/v1/namespaces/${namespace}/pods`,
  deployment: (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/deployment`,
  replicaSets: (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/replicasets`,
  budget: (namespace: string) => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/all`,
  suspension: (namespace: string) => `/api/v1/namespaces/${namespace}/resourcequotas/tenantry-suspension`,
  events: (namespace: string) => `/api/v1/namespaces/${namespace}/events`,
} as const

/** A Deployment, a StatefulSet, a Job and a CronJob that is never due; waits for their pods. */
export async function deploy(api: Api, namespace: string, shape: PodShape = {}): Promise<void> {
  const job = { backoffLimit: 6, template: templateOf('job', { ...shape, restartPolicy: 'Never' }) }
  const set = (app: string) => ({ replicas: 2, selector: labelled(app), template: templateOf(app, shape) })
  const objects: readonly (readonly [string, string, object])[] = [
    ['apps/v1', 'Deployment', set('deployment')],
    ['apps/v1', 'StatefulSet', { ...set('statefulset'), serviceName: 'web', podManagementPolicy: 'Parallel' }],
    ['batch/v1', 'Job', job],
    ['batch/v1', 'CronJob', { schedule: '0 3 1 1 *', jobTemplate: { spec: job } }],
  ]
  for (const [apiVersion, kind, spec] of objects) {
    const object = { apiVersion, kind, metadata: { name: kind.toLowerCase() }, spec }
    await api.send('POST', `/apis/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s`, object)
  }
  await runs(api, namespace)
}

export interface PodObject extends Stored {
  readonly spec: Readonly<Record<string, unknown>>
}

/** How many pods that are not on their way out are there, by `app`. */
export async function podsOf(api: Api, namespace: string): Promise<Readonly<Record<string, number>>> {
  const pods = await api.list<PodObject>(workloadPaths.pods(namespace))
  const counts: Record<string, number> = {}
  for (const { metadata } of pods) {
    const app = metadata.labels?.['app'] ?? 'none'
    if (metadata.deletionTimestamp === undefined) counts[app] = (counts[app] ?? 0) + 1
  }
  return counts
}

/** Milliseconds until all that was deployed has its pods. */
export async function runs(api: Api, namespace: string, timeout = 150_000): Promise<number> {
  const start = performance.now()
  const complete = async () => {
    const counts = await podsOf(api, namespace)
    return Object.entries(running).every(([app, count]) => counts[app] === count)
  }
  await eventually(complete, { timeout, interval: 20, describe: `the workloads of ${namespace} to run` })
  return performance.now() - start
}

/** Milliseconds since the ReplicaSets of this namespace were last refused a pod; undefined when they never were. */
export async function refusedSince(api: Api, namespace: string): Promise<number | undefined> {
  const events = await api.list<FailedCreate>(workloadPaths.events(namespace))
  const times = events
    .filter(({ reason, involvedObject }) => reason === 'FailedCreate' && involvedObject.kind === 'ReplicaSet')
    .map(({ lastTimestamp }) => Date.parse(lastTimestamp))
  return times.length === 0 ? undefined : Date.now() - Math.max(...times)
}

interface FailedCreate {
  readonly reason: string
  readonly lastTimestamp: string
  readonly involvedObject: { readonly kind: string }
}
