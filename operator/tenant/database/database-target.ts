/** The wanted state of a tenant's database. Pure. */
import type { DatabaseServer } from '../../api/databaseserver.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import { digest } from '../../domain/fingerprint.ts'
import { markOf } from '../../domain/marks.ts'
import { parametersOf } from '../validation/parameter-rules.ts'
import { connectionLimitOf } from '../validation/placement.ts'
import { creationField, creationOf } from '../model/data-loss.ts'
import type { CredentialWork } from './rotation.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** What a tenant may do in its database now. */
export interface DatabaseAccess {
  readonly loginAllowed: boolean
  /** Why access is off, where the size of the data is the reason. */
  readonly closed: Verdict | undefined
  /** Sessions begin read-only, unless they choose otherwise. */
  readonly readOnly: boolean
  /** The mode has changed: sessions that began before end. */
  readonly turned: boolean
}

/** The wanted state of the tenant's database. */
export function databaseTarget(
  snapshot: Snapshot,
  plan: TenantPlan,
  server: DatabaseServer,
  { loginAllowed, readOnly }: DatabaseAccess,
  { current, otherLoginAllowed }: Pick<CredentialWork, 'current' | 'otherLoginAllowed'>,
): TenantDatabase {
  const { identity, names } = snapshot
  const { platformRoles = [], locale } = server.spec
  const declared = parametersOf(snapshot, plan)
  const parameters = readOnly ? { ...declared, default_transaction_read_only: 'on' } : declared
  return {
    ...creationField(creationOf(snapshot)),
    names: names.database,
    mark: markOf(identity),
    isolation: names.isolation,
    connectionLimit: connectionLimitOf(snapshot, plan),
    ...(locale === undefined ? {} : { locale }),
    ...(platformRoles.length === 0 ? {} : { platformRoles }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    loginAllowed,
    currentLogin: current,
    ...(otherLoginAllowed ? { otherLoginAllowed } : {}),
  }
}

/**
 * Two targets with the same digest are the same: once the database exists, it does not matter what might have been
 * created.
 */
export function targetDigest({ creation: _creation, locale: _locale, ...target }: TenantDatabase): string {
  return digest(target)
}
