/** What a server is to hold for a tenant, to be varied by a test. */
import { databaseNames } from '../operator/api/names.ts'
import type { Mark, TenantDatabase } from '../operator/postgres/model/port.ts'

export function databaseTarget(whose: Partial<Mark> = {}, over: Partial<TenantDatabase> = {}): TenantDatabase {
  const mark = { installation: 'i', tenant: 'home/acme', uid: 'u1', ...whose }
  return {
    names: databaseNames(mark.installation, mark.uid, over.isolation),
    mark,
    isolation: 'Database',
    connectionLimit: 10,
    loginAllowed: true,
    currentLogin: 'a',
    ...over,
  }
}
