/** A tenant's database, for tests that need one and nothing of it. */
import { databaseNames } from '../../../operator/api/names.ts'
import type { TenantDatabase } from '../../../operator/postgres/model/port.ts'

export const target: TenantDatabase = {
  names: databaseNames('i', 'u'),
  mark: { installation: 'i', tenant: 'home/acme', uid: 'u' },
  isolation: 'Database',
  connectionLimit: 1,
  loginAllowed: true,
  currentLogin: 'a',
}
