/** Reads the address of a server live: its DatabaseServer, with the Secret and the certificates that it refers to. */
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { KubeReader } from '../kube/port.ts'
import { configMaps, secrets } from '../kube/resources.ts'
import { credentialOf, unfitCredential } from '../runtime/base/credential.ts'
import type { ClientAddress, ServerAddress } from '../postgres/model/address.ts'
import { CredentialUnfit, ReferenceMissing } from '../postgres/model/address.ts'

/** Throws {@link ReferenceMissing} or KubeError. */
export async function addressOf(
  { spec }: DatabaseServer,
  operatorNamespace: string,
  kube: Pick<KubeReader, 'get'>,
): Promise<ServerAddress> {
  const { name, usernameKey, passwordKey } = spec.admin.secretRef
  const [admin, ca] = await Promise.all([
    kube.get(secrets, { namespace: operatorNamespace, name }),
    authorityOf(spec.tls, 'spec.tls', operatorNamespace, kube),
  ])
  if (admin === undefined) throw missing('Secret', name, operatorNamespace, 'spec.admin.secretRef')
  const entry = (key: string) => {
    const value = credentialOf(admin.data?.[key])
    if (value === '') throw missingKey('Secret', name, operatorNamespace, key)
    if (value !== undefined) return value
    throw new CredentialUnfit(unfitCredential(`The entry ${key} of the Secret ${name} (spec.admin.secretRef)`))
  }
  return {
    host: spec.endpoint.host,
    port: spec.endpoint.port,
    database: spec.admin.database,
    username: entry(usernameKey),
    password: entry(passwordKey),
    tls: { mode: spec.tls.mode, ...(ca === undefined ? {} : { ca }) },
  }
}

/**
 * Where applications reach the server, and how they secure that connection; `own`: the certificates that the operator
 * trusts. Throws as {@link addressOf}.
 */
export async function applicationAddressOf(
  { spec }: DatabaseServer,
  own: ServerAddress,
  operatorNamespace: string,
  kube: Pick<KubeReader, 'get'>,
): Promise<ClientAddress> {
  const { host, port, tls } = spec.applicationEndpoint ?? { ...spec.endpoint, tls: undefined }
  if (tls === undefined) return { host, port, tls: own.tls }
  const ca = await authorityOf(tls, 'spec.applicationEndpoint.tls', operatorNamespace, kube)
  return { host, port, tls: { mode: tls.mode, ...(ca === undefined ? {} : { ca }) } }
}

async function authorityOf(
  { caSecretRef, caConfigMapRef }: DatabaseServer['spec']['tls'],
  field: string,
  namespace: string,
  kube: Pick<KubeReader, 'get'>,
): Promise<string | undefined> {
  if (caSecretRef !== undefined) {
    const secret = await kube.get(secrets, { namespace, name: caSecretRef.name })
    if (secret === undefined) throw missing('Secret', caSecretRef.name, namespace, `${field}.caSecretRef`)
    const value = Buffer.from(secret.data?.[caSecretRef.key] ?? '', 'base64').toString()
    if (isEmpty(value)) throw missingKey('Secret', caSecretRef.name, namespace, caSecretRef.key)
    return value
  }
  if (caConfigMapRef === undefined) return undefined
  const configMap = await kube.get(configMaps, { namespace, name: caConfigMapRef.name })
  if (configMap === undefined) throw missing('ConfigMap', caConfigMapRef.name, namespace, `${field}.caConfigMapRef`)
  const value = configMap.data?.[caConfigMapRef.key] ?? ''
  if (isEmpty(value)) throw missingKey('ConfigMap', caConfigMapRef.name, namespace, caConfigMapRef.key)
  return value
}

/** An authority without a certificate would mean the system's: TLS treats an empty list as absent. */
const isEmpty = (pem: string) => pem.trim() === ''

function missing(kind: string, name: string, namespace: string, field: string): ReferenceMissing {
  return new ReferenceMissing(
    `${field} names the ${kind} ${name}, which does not exist in the namespace ${namespace}. Create it.`,
  )
}

function missingKey(kind: string, name: string, namespace: string, key: string): ReferenceMissing {
  return new ReferenceMissing(
    `The ${kind} ${name} in the namespace ${namespace} has no entry ${key}, or an empty one. Add it, or name another key.`,
  )
}
