/**
 * The consequences of a tenant's license: whether anything is made for it, its condition, and the record in its status.
 * Pure.
 */
import type { TenantStatus } from '../../api/tenant.ts'
import type { Check, Verdict } from '../../api/verdict.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** A license that a person has to replace. An expired license ends the tenant by its expiry, as spec.expiresAt does. */
export const licenseRefused: Check<Snapshot> = ({ license: { valid, reason, message } }) =>
  valid || reason === 'SecretNotFound' || reason === 'LicenseExpired' ? undefined : { reason, message }

/** The Secret with the license does not exist (yet): nothing is made until it does, and what exists stays. */
export const licenseMissing: Check<Snapshot> = ({ license: { reason, message } }) =>
  reason === 'SecretNotFound' ? { reason, message } : undefined

/** The condition LicenseValid. */
export function licenseCondition(snapshot: Snapshot): Verdict & { readonly status: 'True' | 'False' } {
  const { valid, reason, message } = snapshot.license
  if (valid && isExceeded(snapshot)) return { status: 'False', ...exceeded(snapshot.license.granted?.customers ?? 0) }
  return { status: valid ? 'True' : 'False', reason, message }
}

/** Existing customers stay, and so does the MSP: the customers beyond the limit wait, and their own status says so. */
function isExceeded({ tenant, license, customerCount }: Snapshot): boolean {
  const most = license.granted?.customers
  return tenant.spec.type === 'MSP' && most !== undefined && customerCount > most
}

function exceeded(most: number): Verdict {
  return {
    reason: 'LicenseExceeded',
    message: `The license is for ${most} customers, and the MSP has more. The oldest stay; Tenantry creates no further one. Delete customers and their data, or get a license for more.`,
  }
}

/** The status field. It keeps the last good license while another one is no good. */
export function licenseRecord({ license: { granted } }: Snapshot): Pick<TenantStatus, 'license'> {
  return granted === undefined ? {} : { license: granted }
}
