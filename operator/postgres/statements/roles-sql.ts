/**
 * SQL for a tenant's roles. The wanted and the observed roles in, statements out: an empty list means that nothing is
 * left to do, which also detects drift. Each list of this folder is run as one simple query, hence as one transaction,
 * unless it says otherwise; all of Tenantry's SQL lies in this folder.
 */
import { declaredChanges, recordOf } from '../model/declared.ts'
import { dumpNames } from '../model/dump-names.ts'
import { loginNames } from '../model/login-names.ts'
import { loginComment, ownerComment } from '../model/mark.ts'
import type { LoginName, TenantDatabase } from '../model/port.ts'
import { generatedName, identifier, integer, literal } from '../model/quote.ts'
import { completedInside, shapeOf } from '../model/shape.ts'
import { isScramVerifier } from '../model/scram.ts'
import { settingStatement } from './settings-sql.ts'
import type { ObservedDatabase, ObservedRole } from '../model/observed-database.ts'

export type Verifiers = Readonly<Partial<Record<LoginName, string>>>

/** The wanted roles against the observed ones; a verifier sets its login's password whether or not there is drift. */
export function roleStatements(target: TenantDatabase, seen: ObservedDatabase, verifiers: Verifiers): string[] {
  return [...bareRoleStatements(target, seen, verifiers, false), ...parameterStatements(target, seen)]
}

/** The statements for the declared parameters alone. */
function parameterStatements(target: TenantDatabase, seen: ObservedDatabase): string[] {
  return declaredChanges(target, seen).map((change) => settingStatement(target.names, change))
}

/**
 * Without the declared parameters. `both`: the record also includes what may be left on the logins, until it is
 * removed.
 */
export function bareRoleStatements(
  target: TenantDatabase,
  seen: ObservedDatabase,
  verifiers: Verifiers,
  both = true,
): string[] {
  const parts = [
    ...roleStatement(
      { ...wantedOwner(target), comment: ownerComment(target.mark, target.names, completedInside(seen)) },
      seen,
      seen.owner,
    ),
    ...loginNames.flatMap((login) =>
      roleStatement(
        {
          ...wantedLogin(target, login, verifiers[login]),
          comment: loginComment(target.mark, recordOf(target, seen, login, both)),
        },
        seen,
        seen.logins[login],
      ),
    ),
    ...allStrangers(target, seen),
  ]
  const creates = seen.owner === undefined || seen.logins.a === undefined || seen.logins.b === undefined
  // Otherwise a server-wide createrole_self_grant could leave the operator as a member of what it creates.
  return creates && seen.version >= 160_000 ? [`SET LOCAL createrole_self_grant = ''`, ...parts] : parts
}

/**
 * What is to be undone on existing roles, apart from what a login starts with: the tenant may change that at any time.
 */
export function healingStatements(target: TenantDatabase, seen: ObservedDatabase): string[] {
  const heal = (want: Omit<WantedRole, 'comment'>, role: ObservedRole | undefined) =>
    role === undefined
      ? []
      : [
          ...alterRole(generatedName(want.name), want, role),
          ...membership(generatedName(want.name), want, seen.version, role),
        ]
  return [
    ...heal(wantedOwner(target), seen.owner),
    ...loginNames.flatMap((login) => heal(wantedLogin(target, login, undefined), seen.logins[login])),
    ...allStrangers(target, seen),
  ]
}

/** New passwords for existing logins. */
export function passwordStatements({ names }: TenantDatabase, verifiers: Verifiers): string[] {
  return loginNames.flatMap((login) =>
    password(verifiers[login]).map((option) => `ALTER ROLE ${generatedName(names.logins[login])} WITH ${option}`),
  )
}

/** Fails with `division_by_zero`, and the transaction with it, when a database of the tenant's name exists. */
export function assertNoDatabase({ names }: TenantDatabase): string {
  const there = `EXISTS (SELECT FROM pg_database WHERE datname = ${literal(names.database)})`
  return `SELECT 1 / CASE WHEN ${there} THEN 0 ELSE 1 END`
}

interface WantedRole {
  readonly name: string
  readonly login: boolean
  readonly limit: number
  readonly comment: string
  readonly memberOf?: string
  readonly verifier?: string | undefined
  readonly database?: string
  /** What a session starts with unless the tenant has chosen otherwise. */
  readonly settings?: Readonly<Record<string, string>>
}

function wantedOwner({ names }: TenantDatabase): Omit<WantedRole, 'comment'> {
  return { name: names.owner, login: false, limit: -1 }
}

function wantedLogin(
  target: TenantDatabase,
  login: LoginName,
  verifier: string | undefined,
): Omit<WantedRole, 'comment'> {
  const chosen = login === target.currentLogin || target.otherLoginAllowed === true
  return {
    name: target.names.logins[login],
    login: target.loginAllowed && chosen,
    limit: target.connectionLimit,
    memberOf: target.names.owner,
    verifier,
    database: target.names.database,
    settings: shapeOf(target).loginSettings(target),
  }
}

function roleStatement(want: WantedRole, { version }: ObservedDatabase, seen: ObservedRole | undefined): string[] {
  const name = generatedName(want.name)
  return [
    ...(seen === undefined ? createRole(name, want) : alterRole(name, want, seen)),
    ...membership(name, want, version, seen),
    ...roleSetting(name, want, seen),
    ...(seen?.comment === want.comment ? [] : [`COMMENT ON ROLE ${name} IS ${literal(want.comment)}`]),
  ]
}

function createRole(name: string, want: WantedRole): string[] {
  const options = [
    want.login ? 'LOGIN' : 'NOLOGIN',
    `CONNECTION LIMIT ${integer(want.limit)}`,
    ...password(want.verifier),
  ]
  return [`CREATE ROLE ${name} WITH ${options.join(' ')}`]
}

const undoAttribute: Readonly<Record<string, string>> = {
  SUPERUSER: 'NOSUPERUSER',
  CREATEDB: 'NOCREATEDB',
  CREATEROLE: 'NOCREATEROLE',
  REPLICATION: 'NOREPLICATION',
  BYPASSRLS: 'NOBYPASSRLS',
  NOINHERIT: 'INHERIT',
  'VALID UNTIL': `VALID UNTIL 'infinity'`,
}

function alterRole(name: string, want: Omit<WantedRole, 'comment'>, seen: ObservedRole): string[] {
  const options = [
    ...(seen.canLogin === want.login ? [] : [want.login ? 'LOGIN' : 'NOLOGIN']),
    ...(seen.connectionLimit === want.limit ? [] : [`CONNECTION LIMIT ${integer(want.limit)}`]),
    ...seen.attributes.flatMap((attribute) => undoAttribute[attribute] ?? []),
    ...password(want.verifier),
  ]
  return options.length === 0 ? [] : [`ALTER ROLE ${name} WITH ${options.join(' ')}`]
}

function password(verifier: string | undefined): string[] {
  if (verifier === undefined) return []
  if (!isScramVerifier(verifier)) throw new RangeError('A role is given a SCRAM-SHA-256 verifier, never a password.')
  return [`PASSWORD ${literal(verifier)}`]
}

function membership(
  name: string,
  want: Omit<WantedRole, 'comment'>,
  version: number,
  seen: ObservedRole | undefined,
): string[] {
  const memberOf = seen?.memberOf ?? []
  const options = version >= 160_000 ? ' WITH INHERIT TRUE, SET TRUE' : ''
  const unwanted = memberOf.filter((role) => role !== want.memberOf)
  return [
    ...unwanted.map((role) => `REVOKE ${identifier(role)} FROM ${name}`),
    ...(want.memberOf === undefined || memberOf.includes(want.memberOf)
      ? []
      : [`GRANT ${generatedName(want.memberOf)} TO ${name}${options}`]),
  ]
}

function allStrangers({ names }: TenantDatabase, seen: ObservedDatabase): string[] {
  const { owner, logins } = names
  return [
    ...strangers(owner, seen.owner, [logins.a, logins.b, dumpNames(names).login]),
    ...loginNames.flatMap((login) => strangers(logins[login], seen.logins[login], [])),
  ]
}

/** Members of a tenant's role that should not be. */
function strangers(role: string, seen: ObservedRole | undefined, wanted: readonly string[]): string[] {
  return (seen?.members ?? [])
    .filter((member) => !wanted.includes(member))
    .map((member) => `REVOKE ${generatedName(role)} FROM ${identifier(member)}`)
}

/** A session starts as the owner role, so that this role owns what it creates. A tenant may reset this itself. */
function roleSetting(name: string, want: WantedRole, seen: ObservedRole | undefined): string[] {
  if (want.memberOf === undefined || want.database === undefined) return []
  const settings = seen?.settings ?? []
  return [
    ...(settings.includes(`role=${want.memberOf}`) ? [] : [`ALTER ROLE ${name} SET role = ${literal(want.memberOf)}`]),
    ...(settings.some((setting) => setting.startsWith(`${want.database}/role=`))
      ? [`ALTER ROLE ${name} IN DATABASE ${generatedName(want.database)} RESET role`]
      : []),
    ...Object.entries(want.settings ?? {})
      .filter(([key]) => !settings.some((setting) => setting.startsWith(`${key}=`)))
      .map(([key, value]) => `ALTER ROLE ${name} SET ${key} = ${literal(value)}`),
  ]
}
