/**
 * The Secret with which applications reach the tenant's database: the Service Binding specification's `postgresql`
 * (https://servicebinding.io/spec/core/1.1.0/#well-known-secret-entries), libpq's environment variables for `envFrom`, and
 * a JDBC URL. Pure.
 */
import { directorySchema, serviceBindingSecretType } from '../../api/names.ts'
import type { DatabaseNames } from '../../api/names.ts'
import type { Secret } from '../../kube/resources.ts'
import { entriesOf } from '../../kube/secret-entries.ts'
import { passwordPlaceholder } from '../../domain/fingerprint.ts'
import { markAnnotations, markLabels } from '../../domain/marks.ts'
import type { Identity } from '../../domain/marks.ts'

/** Everything that the Secret says, except the password. */
export interface BindingInputs {
  readonly identity: Identity
  readonly namespace: string
  readonly name: string
  readonly host: string
  readonly port: number
  readonly names: DatabaseNames
  readonly username: string
  readonly sslmode: string
  /** Certificates to trust, in PEM. */
  readonly ca: string | undefined
}

export const bindingSecretName = 'tenantry-database'

/** `password` is plain enough to stand in a URI unescaped (see passwordPattern). */
export function bindingSecret(inputs: BindingInputs, password: string): Secret {
  const { identity, namespace, name } = inputs
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: markLabels(identity, 'binding'),
      annotations: markAnnotations(identity),
    },
    type: serviceBindingSecretType,
    data: entriesOf(entries(inputs, password)),
  }
}

/** The Secret as it is digested: with the placeholder for the password. */
export function bindingSecretForm(inputs: BindingInputs): Secret {
  return bindingSecret(inputs, passwordPlaceholder)
}

function entries(inputs: BindingInputs, password: string): Readonly<Record<string, string>> {
  const { host, port, names, username, sslmode, ca } = inputs
  const { database, schema } = names
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    type: 'postgresql',
    provider: 'tenantry',
    host,
    port: String(port),
    database,
    username,
    password,
    sslmode,
    uri: `postgresql://${username}:${password}@${authority}/${database}?sslmode=${sslmode}`,
    'jdbc-url': `jdbc:postgresql://${authority}/${database}?user=${username}&password=${password}&sslmode=${sslmode}`,
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: username,
    PGPASSWORD: password,
    PGSSLMODE: sslmode,
    ...rootCertificate(sslmode, ca),
    // Not in the uri: the login starts in that schema anyway, and poolers refuse options that they do not know.
    ...(schema === undefined ? {} : { schema, directory: directorySchema({ schema }) }),
    ...(ca === undefined ? {} : { 'ca.crt': ca }),
  }
}

/** Where a pod mounts the Secret for libpq, which reads certificates from files only. */
const mountedAt = `/bindings/${bindingSecretName}`

/** `system` is libpq's word, from version 16, for the operating system's certificates; it requires verify-full. */
function rootCertificate(sslmode: string, ca: string | undefined): Readonly<Record<string, string>> {
  if (ca !== undefined && sslmode.startsWith('verify-')) return { PGSSLROOTCERT: `${mountedAt}/ca.crt` }
  return ca === undefined && sslmode === 'verify-full' ? { PGSSLROOTCERT: 'system' } : {}
}
