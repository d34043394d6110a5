/** The credentials of an account of the chart, in a kubeconfig of its own. */
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { writeKubeconfig } from './kubeconfig.ts'

export interface Account {
  readonly kubeconfig: string
  /** `system:serviceaccount:…`, as the audit log has it. */
  readonly user: string
  /** Which token is its own, as the audit log has it: two processes are the same user. */
  readonly credential: string
}

export interface AccountOptions {
  readonly cluster: Cluster
  readonly namespace: string
  /** The name of the ServiceAccount. */
  readonly name: string
  /** The pod that it is for: one token a pod; its next container has the same, and shall not start slower for a kubectl. */
  readonly pod: string
  /** Where the apiserver is reached, when not directly: a proxy's port on the loopback. */
  readonly apiPort?: number | undefined
  /** Where the kubeconfig is written. */
  readonly folder: string
}

export async function accountOf({ cluster, namespace, name, pod, apiPort, folder }: AccountOptions): Promise<Account> {
  const which = `${cluster.server} ${namespace} ${name} ${pod}`
  const asked = tokens.get(which) ?? cluster.tokenFor({ namespace, name })
  tokens.set(which, asked)
  const token = await asked
  const server = apiPort === undefined ? cluster.server : `https://127.0.0.1:${apiPort}`
  const path = join(folder, `${name}.kubeconfig`)
  return {
    kubeconfig: await writeKubeconfig(path, { server, ca: cluster.ca, token }, namespace),
    user: `system:serviceaccount:${namespace}:${name}`,
    credential: credentialOf(token),
  }
}

const tokens = new Map<string, Promise<string>>()

/** What the apiserver calls a ServiceAccount's token: by the claim `jti` in the middle part of the JWT (RFC 7519). */
function credentialOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { jti?: string }
  return `JTI=${claims.jti ?? ''}`
}
