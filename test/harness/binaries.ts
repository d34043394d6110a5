/**
 * Where the programs of the control plane come from: KUBEBUILDER_ASSETS, or a cache outside the checkout, which is
 * filled by building them from the modules that control-plane/go.mod and toxiproxy/go.mod pin.
 */
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureBuilt } from './go-build.ts'
import type { GoProgram } from './go-build.ts'

/** The version that control-plane/go.mod pins. */
export const kubernetesVersion = 'v1.36.3'

export interface ControlPlaneBinaries {
  readonly etcd: string
  readonly apiServer: string
  readonly controllerManager: string
  readonly kubectl: string
}

export type Progress = (sentence: string) => void

const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion) ?? []
const stamps = { gitVersion: kubernetesVersion, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
const versionFlags = Object.entries(stamps)
  .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  .join(' ')

const programs: readonly GoProgram[] = [
  { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', ldflags: '' },
  ...['kube-apiserver', 'kube-controller-manager', 'kubectl'].map((name) => ({
    name,
    package: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: versionFlags,
  })),
]

/**
 * The four programs, built first where they are missing (about six minutes on two cores, once).
 * @throws Error when KUBEBUILDER_ASSETS is set and one of them is not in it, or when Go is missing or fails.
 */
export async function controlPlaneBinaries(progress: Progress): Promise<ControlPlaneBinaries> {
  const assets = process.env['KUBEBUILDER_ASSETS']
  const folder = assets
    ? await checkedAssets(assets)
    : await ensureBuilt(
        { module: join(import.meta.dirname, 'control-plane'), prefix: kubernetesVersion, programs },
        progress,
      )
  return {
    etcd: join(folder, 'etcd'),
    apiServer: join(folder, 'kube-apiserver'),
    controllerManager: join(folder, 'kube-controller-manager'),
    kubectl: join(folder, 'kubectl'),
  }
}

/** The path of toxiproxy's server, built first where it is missing. */
export async function toxiproxyBinary(progress: Progress): Promise<string> {
  const program = { name: 'toxiproxy-server', package: 'github.com/Shopify/toxiproxy/v2/cmd/server', ldflags: '' }
  const build = { module: join(import.meta.dirname, 'toxiproxy'), prefix: 'toxiproxy', programs: [program] }
  return join(await ensureBuilt(build, progress), program.name)
}

/** The path of versitygw, an S3 server, built first where it is missing. */
export async function versitygwBinary(progress: Progress): Promise<string> {
  const program = { name: 'versitygw', package: 'github.com/versity/versitygw/cmd/versitygw', ldflags: '' }
  const build = { module: join(import.meta.dirname, 'versitygw'), prefix: 'versitygw', programs: [program] }
  return join(await ensureBuilt(build, progress), program.name)
}

/** The path of Dex, an OIDC provider, built first where it is missing. */
export async function dexBinary(progress: Progress): Promise<string> {
  const program = { name: 'dex', package: '.', ldflags: '' }
  const build = { module: join(import.meta.dirname, 'dex'), prefix: 'dex', programs: [program] }
  return join(await ensureBuilt(build, progress), program.name)
}

async function checkedAssets(folder: string): Promise<string> {
  for (const { name } of programs) {
    try {
      await access(join(folder, name), constants.X_OK)
    } catch (cause) {
      const hint = 'The tests need etcd, kube-apiserver, kube-controller-manager and kubectl there'
      const wayOut = 'add it, or unset KUBEBUILDER_ASSETS to have all four built from pinned modules'
      throw new Error(`KUBEBUILDER_ASSETS is ${folder}, and has no ${name} that can be run. ${hint}: ${wayOut}.`, {
        cause,
      })
    }
  }
  return folder
}
