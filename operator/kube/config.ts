/** Which cluster, and as whom: client-node's KubeConfig, loaded from a file that was named or from the pod's own account. */
import { KubeConfig } from '@kubernetes/client-node'

export type { KubeConfig }

export interface ClusterChoice {
  /** The path of a kubeconfig; omitted in a pod, where the ServiceAccount's files and the environment tell. */
  readonly kubeconfig?: string | undefined
  /** A context of that kubeconfig; its current one when omitted. */
  readonly context?: string | undefined
}

/** @throws Error when the file cannot be read or does not name the context, with what to do about it. */
export function loadKubeConfig({ kubeconfig, context }: ClusterChoice): KubeConfig {
  const config = new KubeConfig()
  if (kubeconfig === undefined) config.loadFromCluster()
  else config.loadFromFile(kubeconfig)
  if (context !== undefined) config.setCurrentContext(context)
  const where = kubeconfig ?? 'the pod’s ServiceAccount'
  if (config.getContextObject(config.getCurrentContext()) === null) {
    throw new Error(`${where} has no context "${config.getCurrentContext()}"; name one that it has.`)
  }
  if (config.getCurrentCluster() === null) {
    throw new Error(
      `The context "${config.getCurrentContext()}" of ${where} names no cluster; mend it or name another.`,
    )
  }
  return config
}
