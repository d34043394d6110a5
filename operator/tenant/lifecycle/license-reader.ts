/** Reads a tenant's license key: from the spec, or from a watched Secret beside the Tenant. */
import { licenseSecretType } from '../../api/names.ts'
import type { Tenant, TenantSpec } from '../../api/tenant.ts'
import type { KubeReader } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import type { Secret } from '../../kube/resources.ts'
import type { LicenseSource } from '../../license/judge-license.ts'
import { longestKey } from '../../license/license.ts'
import type { PublicKeys } from '../../license/public-keys.ts'
import { verifyLicense } from '../../license/verify.ts'
import type { Cache } from '../../runtime/cache/cache.ts'

/** What the cache keeps of a license Secret: its entries as text, each cut off beyond the length of a license key. */
export interface LicenseSecret {
  readonly entries: Readonly<Record<string, string>>
}

export function licenseSecretView({ data = {} }: Secret): LicenseSecret {
  const text = (value: string) =>
    Buffer.from(value.slice(0, longestKey * 2), 'base64')
      .toString('utf8')
      .trimEnd()
  return { entries: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, text(value)])) }
}

export interface LicensePorts {
  /** The Secrets of the license type. */
  readonly licenses: Pick<Cache<LicenseSecret>, 'get'>
  readonly kube: KubeReader
  readonly publicKeys: PublicKeys
}

export type ReadLicense = (tenant: Tenant) => Promise<LicenseSource>

/** Returns nothing of a key, neither whole nor in part. */
export function createLicenseReader(ports: LicensePorts): ReadLicense {
  return async ({ metadata, spec: { license } }) => {
    if (license === undefined) return { kind: 'None' }
    if (license.secretRef !== undefined) return fromSecret(metadata.namespace ?? '', license.secretRef, ports)
    const verification = await verifyLicense(license.key ?? '', ports.publicKeys)
    return { kind: 'Read', field: 'spec.license.key', verification }
  }
}

type SecretRef = NonNullable<NonNullable<TenantSpec['license']>['secretRef']>

async function fromSecret(namespace: string, { name, key }: SecretRef, ports: LicensePorts): Promise<LicenseSource> {
  // A Secret that the watch does not know is read live: it may be too new for the watch, or of another type.
  const known = ports.licenses.get(`${namespace}/${name}`) ?? (await ports.kube.get(secrets, { namespace, name }))
  if (known === undefined)
    return missing(`The Secret ${name} of spec.license.secretRef is not in the namespace ${namespace}.`)
  if (!('entries' in known) && known.type !== licenseSecretType) return { kind: 'Unusable', message: typed(name) }
  const text = ('entries' in known ? known : licenseSecretView(known)).entries[key]
  if (text === undefined)
    return missing(`The Secret ${name} of spec.license.secretRef has no entry ${key}. Add it, or name another one.`)
  const verification = await verifyLicense(text, ports.publicKeys)
  return { kind: 'Read', field: `The entry ${key} of the Secret ${name} (spec.license.secretRef)`, verification }
}

function missing(message: string): LicenseSource {
  return { kind: 'Missing', message }
}

const typed = (name: string) =>
  `The Secret ${name} of spec.license.secretRef is not of type ${licenseSecretType}. Delete it and create it again with that type.`
