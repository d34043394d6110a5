/** A tenant's objects on a server as a look finds them: complete, or nothing at all. */
import { loginComment, ownerComment } from '../../../operator/postgres/model/mark.ts'
import type { ObservedDatabase, ObservedRole } from '../../../operator/postgres/model/observed-database.ts'
import { databaseTarget } from '../../database-target.ts'

export const target = databaseTarget()
export const { mark, names } = target
export const role: ObservedRole = {
  mark,
  canLogin: false,
  connectionLimit: 10,
  attributes: [],
  memberOf: [names.owner],
  members: [],
  settings: [`role=${names.owner}`],
  comment: loginComment(mark),
}
export const owner: ObservedRole = {
  ...role,
  connectionLimit: -1,
  memberOf: [],
  members: [names.logins.a, names.logins.b],
  settings: [],
  comment: ownerComment(mark, names, 1),
}
export const database = {
  owner: 'op',
  mark,
  connectionLimit: 12,
  allowConnections: true,
  acl: ['op=CTc/op', `${names.owner}=CTc/op`],
}
export const converged: ObservedDatabase = {
  operator: 'op',
  version: 180_004,
  owner,
  logins: { a: { ...role, canLogin: true }, b: role },
  database,
  complete: true,
  inside: 1,
  sessions: 0,
}
export const nothing: ObservedDatabase = { operator: 'op', version: 180_004, logins: {}, complete: false, sessions: 0 }

export const login = (change: Partial<ObservedRole>): ObservedDatabase => ({
  ...converged,
  logins: { ...converged.logins, a: { ...role, canLogin: true, ...change } },
})
export const outside = (change: Partial<typeof database>): ObservedDatabase => ({
  ...converged,
  database: { ...database, ...change },
})
