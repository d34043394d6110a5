import { readFile, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { apiOf } from './api.ts'
import { auditLog } from './audit-log.ts'
import type { AuditLog } from './audit-log.ts'
import { etcdAt } from './etcd.ts'
import type { Etcd } from './etcd.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { kubectlWith } from './kubectl.ts'
import type { Kubectl } from './kubectl.ts'

/** Where a cluster is: plain data, that one process can tell another. */
export interface ClusterAddress {
  /** Of an admin (system:masters, or what the named cluster's kubeconfig says). */
  readonly kubeconfigPath: string
  readonly server: string
  /** PEM; empty where the system's own authorities are meant. */
  readonly ca: string
  readonly kubectlPath: string
  /** Only of a control plane of our own, started with `audit`. */
  readonly auditLogPath?: string | undefined
  /** Only of a control plane of our own. */
  readonly etcd?: string | undefined
  /** A folder for kubeconfigs; it goes with the control plane. */
  readonly folder: string
}

export interface ServiceAccountKey {
  readonly namespace: string
  readonly name: string
}

/** A cluster as its tests use it. */
export interface Cluster extends ClusterAddress {
  /** As the admin, unless another kubeconfig is given. */
  readonly kubectl: Kubectl
  readonly auditLog: AuditLog | undefined
  readonly etcdClient: Etcd | undefined
  /** A token of this ServiceAccount from the TokenRequest API; by default for 12 hours. */
  tokenFor(account: ServiceAccountKey, seconds?: number): Promise<string>
  /** The path of a new kubeconfig with such a token; its default namespace is the account's. */
  kubeconfigFor(account: ServiceAccountKey): Promise<string>
}

export function clusterAt(address: ClusterAddress): Cluster {
  const kubectl = kubectlWith(address.kubectlPath, address.kubeconfigPath)
  const tokenFor: Cluster['tokenFor'] = async ({ namespace, name }, seconds = 43_200) => {
    await using api = await apiOf(address)
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
    const { status } = await api.send('POST', path, { spec: { expirationSeconds: seconds } })
    return z.object({ token: z.string() }).parse(status).token
  }
  return {
    ...address,
    kubectl,
    tokenFor,
    auditLog: address.auditLogPath === undefined ? undefined : auditLog(address.auditLogPath),
    etcdClient: address.etcd === undefined ? undefined : etcdAt(address.etcd),
    async kubeconfigFor(account) {
      const path = join(address.folder, `${account.namespace}-${account.name}-${randomUUID().slice(0, 8)}.kubeconfig`)
      const credentials = { server: address.server, ca: address.ca, token: await tokenFor(account) }
      return writeKubeconfig(path, credentials, account.namespace)
    },
  }
}

interface RawKubeconfig {
  readonly clusters?: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string }
  }[]
}

/**
 * A cluster that exists already, by the current context of this kubeconfig. The context is copied into `folder`, so
 * that a switch of contexts while the tests run does not send them elsewhere.
 */
export async function existingCluster(path: string, kubectlPath: string, folder: string): Promise<ClusterAddress> {
  await readFile(path).catch((cause: unknown) => {
    throw new Error(`TENANTRY_TEST_KUBECONFIG names ${path}, which cannot be read.`, { cause })
  })
  const minified = await kubectlWith(
    kubectlPath,
    path,
  )(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'])
  const { clusters } = JSON.parse(minified) as RawKubeconfig // kubectl's own schema, v1 Config
  const cluster = clusters?.[0]?.cluster
  if (!cluster) throw new Error(`TENANTRY_TEST_KUBECONFIG names ${path}, whose current context has no cluster.`)
  const kubeconfigPath = join(folder, 'admin.kubeconfig')
  await writeFile(kubeconfigPath, minified, { mode: 0o600 })
  const ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString()
  return { kubeconfigPath, server: cluster.server, ca, kubectlPath, folder: dirname(kubeconfigPath) }
}
