/** A PostgreSQL server in memory: databases of tenants, as the shared catalogues would show them, and their passwords. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

import { AnotherServer, PostgresError } from '../../../operator/postgres/model/port.ts'
import type {
  DatabaseAction,
  DatabaseEffect,
  DirectoryEntry,
  PostgresServer,
  TenantDatabase,
} from '../../../operator/postgres/model/port.ts'
import type { ServerHealth, ServerIdentity } from '../../../operator/postgres/model/server-facts.ts'
import { insideVersion, loginComment, ownerComment } from '../../../operator/postgres/model/mark.ts'
import { conflict } from '../../../operator/postgres/model/conflict.ts'
import { carriedSettings, carriedTo } from '../../../operator/postgres/model/carried.ts'
import { declaredChanges, recordOf } from '../../../operator/postgres/model/declared.ts'
import { completedInside, isDataMissing, mayNotCreate, shapeOf } from '../../../operator/postgres/model/shape.ts'
import { databaseLimit, wantedAcl } from '../../../operator/postgres/statements/database-sql.ts'
import type { ObservedDatabase, ObservedRole } from '../../../operator/postgres/model/observed-database.ts'

type Draft = { -readonly [Key in keyof ObservedDatabase]: ObservedDatabase[Key] }

export class FakePostgres implements PostgresServer {
  readonly databases = new Map<string, Draft>()
  readonly verifiers = new Map<string, string>()
  readonly directories = new Map<string, readonly DirectoryEntry[]>()
  /** What reached the server, in order. */
  readonly statements: string[] = []
  /** Parameters that the operator's account may not set. */
  readonly refusing = new Set<string>()
  /** Those that take a right which it has. */
  settable: readonly string[] = []
  down: PostgresError | undefined
  before: (statement: string) => void = () => {}
  after: (statement: string) => void = () => {}
  state: ServerHealth = {
    version: 180_004,
    tenants: 0,
    openToPublic: [],
    closingSql: [],
    accountProblems: [],
    readOnly: false,
    connections: { max: 100, forSuperusers: 3, reserved: 8, reserveSql: [] },
  }

  readonly health = async () => {
    this.#say('health')
    return this.state
  }

  /** What it is asked to be at each session, as by the last address that it was opened with. */
  identifiers: readonly string[] = []
  /** Which server it is, as it says. */
  which: ServerIdentity = { systemIdentifier: '7500000000000000001', timeline: 1, lsn: '0/3000000' }

  readonly identity = async () => {
    this.#say('identity')
    return this.which
  }

  /** How often sizes were asked for with all tenants. */
  measurements = 0

  readonly catalogue: PostgresServer['catalogue'] = async (_, names, sizes = true) => {
    this.#say('catalogue')
    if (names === undefined && sizes) this.measurements += 1
    const wanted = names?.map(({ owner }) => owner) ?? [...this.databases.keys()]
    const { settable } = this
    return new Map(
      wanted.map((owner) => {
        const { sizeBytes, ...seen } = this.databases.get(owner) ?? nothing()
        return [owner, { ...seen, settable, ...(sizes && sizeBytes !== undefined ? { sizeBytes } : {}) }]
      }),
    )
  }

  /** What it says through the address of applications. */
  reached: () => string | undefined = () => this.which.systemIdentifier
  readonly reach: PostgresServer['reach'] = async (at, { username }) => {
    this.#say(`reach ${at.host} ${username}`)
    return this.reached()
  }

  readonly probe: PostgresServer['probe'] = async (_, username, password) => {
    this.#say(`probe ${username}`)
    return this.logsIn(username, password)
  }

  /** Whether the login is open and has this password; nobody hears of the try. */
  logsIn(username: string, password: string): boolean {
    const databaseState = [...this.databases.values()].find(({ owner }) => owner?.members.includes(username))
    const login = username.endsWith('_a') ? databaseState?.logins.a : databaseState?.logins.b
    const verifier = this.verifiers.get(username)
    return login?.canLogin === true && verifier !== undefined && verifies(verifier, password)
  }

  readonly directory: PostgresServer['directory'] = async ({ names }) => {
    this.#say('directory')
    return this.directories.get(names.owner) ?? []
  }

  readonly endPredecessors = async () => 0
  readonly close = async () => {}

  readonly apply = async (action: DatabaseAction): Promise<DatabaseEffect> => {
    const { owner } = action.target.names
    const was = this.#stateOf(owner)
    this.#say(`${action.kind} ${owner}`)
    const before = { ...(this.databases.get(owner) ?? nothing()), settable: this.settable }
    const message = conflict(action.target, before)
    if (message !== undefined) throw new PostgresError('Conflict', message)
    assertDataMayBeCreated(action, before)
    const databaseState = after(action, before, this.refusing)
    if (databaseState === undefined) this.databases.delete(owner)
    else this.databases.set(owner, databaseState)
    if (action.kind === 'EnsureRoles' || action.kind === 'SetPassword') {
      for (const login of ['a', 'b'] as const) {
        const verifier = action.verifiers[login]
        if (verifier !== undefined) this.verifiers.set(action.target.names.logins[login], verifier)
      }
    }
    if ((action.kind === 'WriteDirectory' || action.kind === 'EnsureInside') && action.entries !== undefined)
      this.directories.set(owner, action.entries)
    this.after(`${action.kind} ${owner}`)
    const made = action.kind === 'EnsureDatabase' && before.database === undefined
    const did = made ? 'Created' : this.#stateOf(owner) === was ? 'Nothing' : 'Changed'
    const { declared, carried } = changesOf(action, before)
    const [refusedParameters, notCarried] = [declared, carried].map((changes) => [
      ...new Set(changes.flatMap(({ name }) => (this.refusing.has(name) ? [name] : []))),
    ])
    return {
      did,
      ...(refusedParameters?.length ? { refusedParameters } : {}),
      ...(notCarried?.length ? { notCarried } : {}),
    }
  }

  /** All that an act can change. */
  #stateOf(owner: string): string {
    const passwords = [...this.verifiers].filter(([role]) => role.startsWith(owner))
    return JSON.stringify([this.databases.get(owner), passwords, this.directories.get(owner)])
  }

  #say(statement: string): void {
    if (this.down !== undefined) throw this.down
    const { systemIdentifier } = this.which
    if (systemIdentifier !== undefined && this.identifiers.length > 0 && !this.identifiers.includes(systemIdentifier))
      throw new AnotherServer('another one', systemIdentifier)
    this.before(statement)
    this.statements.push(statement)
  }
}

function nothing(): Draft {
  return { operator: 'op', version: 180_004, logins: {}, complete: false, sessions: 0 }
}

function after(action: DatabaseAction, databaseState: Draft, refusing: ReadonlySet<string>): Draft | undefined {
  const { target } = action
  switch (action.kind) {
    case 'EnsureRoles':
      return {
        ...databaseState,
        owner: ownerRole(target, completedInside(databaseState)),
        logins: rolesAfter(action, databaseState, refusing),
      }
    case 'EnsureDatabase':
      return {
        ...databaseState,
        database: {
          ...database(target),
          ...(databaseState.database?.mark && { mark: databaseState.database.mark }),
          acl: databaseState.database?.acl.filter(
            (item) => item.startsWith(target.names.owner) || item.startsWith('op='),
          ) ?? ['op=CTc/op'],
        },
      }
    case 'GiveToOwner':
      return { ...databaseState, logins: given(databaseState.logins) }
    case 'EnsureInside':
      return completed(target, databaseState)
    case 'WriteDirectory':
    case 'SetPassword':
    case 'TerminateSessions':
    case 'EndOtherSessions':
      return databaseState
    case 'DisableLogins':
      return {
        ...databaseState,
        logins: {
          a: { ...loginRole(target, 'a'), canLogin: false },
          b: { ...loginRole(target, 'b'), canLogin: false },
        },
      }
    case 'OpenDump':
    case 'OpenScratch':
      return { ...databaseState, dump: 'Current' }
    case 'EndDump': {
      const { dump: _ended, ...rest } = databaseState
      return rest
    }
    case 'DropDatabase': {
      const { database: dropped, ...rest } = databaseState
      return {
        ...rest,
        complete: false,
        ...(dropped?.shared === true && { database: { ...dropped, acl: ['op=CTc/op'] } }),
      }
    }
    case 'DropRoles':
      return undefined
  }
}

function given({ a, b }: Draft['logins']): Draft['logins'] {
  const without = ({ owns: _given, ...role }: ObservedRole) => role
  return { ...(a && { a: without(a) }), ...(b && { b: without(b) }) }
}

function completed(target: TenantDatabase, databaseState: Draft): Draft {
  const there = database(target)
  if (!shapeOf(target).ownsSessions) {
    return {
      ...databaseState,
      complete: true,
      inside: insideVersion,
      database: there,
      owner: ownerRole(target, insideVersion),
    }
  }
  const inside = completedInside({ ...databaseState, complete: true })
  const marked = { ...there, mark: target.mark }
  return { ...databaseState, complete: true, inside: insideVersion, database: marked, owner: ownerRole(target, inside) }
}

/** As the server's acts do, before the CREATE. */
function assertDataMayBeCreated({ kind, target }: DatabaseAction, before: ObservedDatabase): void {
  const creates = kind === 'EnsureDatabase' || kind === 'EnsureInside'
  if (creates && isDataMissing(target, before) && mayNotCreate(target, before))
    throw new PostgresError('DataMissing', 'The data existed and is gone.')
}

function ownerRole({ names, mark }: TenantDatabase, inside: number | undefined): ObservedRole {
  return {
    mark,
    comment: ownerComment(mark, names, inside),
    canLogin: false,
    connectionLimit: -1,
    attributes: [],
    memberOf: [],
    members: [names.logins.a, names.logins.b],
    settings: [],
  }
}

/** What the tenant has set is kept, and carried to the login that is next. */
function rolesAfter(
  action: Extract<DatabaseAction, { kind: 'EnsureRoles' }>,
  databaseState: Draft,
  refusing: ReadonlySet<string>,
): Draft['logins'] {
  const { target } = action
  const { declared, carried } = changesOf(action, databaseState)
  const changes = [...declared, ...carried].filter(({ name }) => !refusing.has(name))
  const role = (login: 'a' | 'b') => {
    const base = loginRole(target, login)
    const mine = changes.filter((change) => change.login === login)
    const isKept = (setting: string) =>
      ![...base.settings, ...mine.map(({ name }) => `${name}=`)].some((each) =>
        setting.startsWith(each.replace(/=.*/, '=')),
      )
    const set = mine.flatMap(({ name, value }) => (value === undefined ? [] : [`${name}=${value}`]))
    return {
      ...base,
      comment: loginComment(target.mark, recordOf(target, databaseState, login, false)),
      settings: [...base.settings, ...(databaseState.logins[login]?.settings ?? []).filter(isKept), ...set],
    }
  }
  return { a: role('a'), b: role('b') }
}

function changesOf(action: DatabaseAction, databaseState: ObservedDatabase) {
  if (action.kind !== 'EnsureRoles') return { declared: [], carried: [] }
  const to = carriedTo(databaseState, action.next)
  const carried = to === undefined ? [] : carriedSettings(action.target, databaseState, to)
  return { declared: declaredChanges(action.target, databaseState), carried }
}

function loginRole(target: TenantDatabase, login: 'a' | 'b'): ObservedRole {
  const { names, mark, connectionLimit, currentLogin } = target
  return {
    mark,
    comment: loginComment(mark),
    canLogin: target.loginAllowed && (login === currentLogin || target.otherLoginAllowed === true),
    connectionLimit,
    attributes: [],
    memberOf: [names.owner],
    members: [],
    settings: [
      `role=${names.owner}`,
      ...Object.entries(shapeOf(target).loginSettings(target)).map(([key, value]) => `${key}=${value}`),
    ],
  }
}

function database(target: TenantDatabase): NonNullable<ObservedDatabase['database']> {
  return {
    owner: 'op',
    connectionLimit: databaseLimit(target),
    allowConnections: true,
    acl: Object.values(wantedAcl(target, 'op')),
    ...(shapeOf(target).ownsSessions ? {} : { shared: true }),
  }
}

/** RFC 5802: whether the password gives the StoredKey of the verifier. */
function verifies(verifier: string, password: string): boolean {
  const [, iterations = '', salt = '', storedKey = ''] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(verifier) ?? []
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  return createHash('sha256').update(clientKey).digest('base64') === storedKey
}
