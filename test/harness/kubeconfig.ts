import { writeFile } from 'node:fs/promises'

export interface Credentials {
  /** `https://host:port` */
  readonly server: string
  /** PEM of the authority that the server's certificate comes from. */
  readonly ca: string
  readonly token: string
}

/** A kubeconfig with one context, as JSON, which is YAML too. */
export function kubeconfig({ server, ca, token }: Credentials, namespace = 'default'): string {
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'tenantry-test',
          cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
        },
      ],
      users: [{ name: 'user', user: { token } }],
      contexts: [{ name: 'tenantry-test', context: { cluster: 'tenantry-test', user: 'user', namespace } }],
      'current-context': 'tenantry-test',
    },
    undefined,
    2,
  )
}

/** Writes it so that only this user can read it. */
export async function writeKubeconfig(path: string, credentials: Credentials, namespace?: string): Promise<string> {
  await writeFile(path, kubeconfig(credentials, namespace), { mode: 0o600 })
  return path
}
