/** Loads client-node's KubeConfig: from a named file, or from the pod's own account. */
import { KubeConfig } from '@kubernetes/client-node'

export type { KubeConfig }

export interface ClusterChoice {
  /** The path of a kubeconfig; omitted in a pod, where the ServiceAccount's files and the environment are used. */
  readonly kubeconfig?: string | undefined
  /** A context of that kubeconfig; its current one when omitted. */
  readonly context?: string | undefined
}

/** @throws Error when the file cannot be read or does not name the context, with the remedy. */
export function loadKubeConfig({ kubeconfig, context }: ClusterChoice): KubeConfig {
  const config = new KubeConfig()
  if (kubeconfig === undefined) config.loadFromCluster()
  else config.loadFromFile(kubeconfig)
  if (context !== undefined) config.setCurrentContext(context)
  const where = kubeconfig ?? 'the pod’s ServiceAccount'
  if (config.getContextObject(config.getCurrentContext()) === null) {
    throw new Error(`${where} has no context "${config.getCurrentContext()}"; name an existing one.`)
  }
  if (config.getCurrentCluster() === null) {
    throw new Error(
      `The context "${config.getCurrentContext()}" of ${where} names no cluster; correct it or name another.`,
    )
  }
  return config
}
