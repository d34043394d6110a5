/**
 * Sign-in with a directory by search and bind. The service account searches for the person; the password is tried on a connection of its
 * own, with the DN that the directory gave; then the service account reads the groups. Nothing is kept between two sign-ins.
 */
import { readFile } from 'node:fs/promises'
import { PresenceFilter } from 'ldapts'
import type { Clock } from '../../runtime/base/clock.ts'
import { credentialIn, unfitCredential } from '../../runtime/base/credential.ts'
import { deadline } from '../../runtime/base/deadline.ts'
import type { DirectoryConnection } from './directory-connection.ts'
import { dial } from './dial.ts'
import type { DialPorts } from './dial.ts'
import { matching } from './filters.ts'
import { groupsOf } from './directory-groups.ts'
import { defaultTimeouts, limits } from './directory-limits.ts'
import type { LdapTimeouts } from './directory-limits.ts'
import { DirectoryFailure, refused } from './ldap-outcome.ts'
import type { LdapOutcome, Refused, Unavailable } from './ldap-outcome.ts'
import { attributesOf, personIn } from './person-entry.ts'
import type { Entry } from './ldap-responses.ts'
import { assertBound, assertFound, refusalOf, sizeLimitExceeded } from './result-codes.ts'
import type { LdapSettings } from './settings.ts'

export interface LdapPorts {
  readonly clock: Clock
  readonly timeouts?: Partial<LdapTimeouts>
}

export interface LdapDirectory {
  /** Never rejects for what a person or a directory did. */
  readonly authenticate: (username: string, password: string, signal: AbortSignal) => Promise<LdapOutcome>
  /** Connects and binds as the service account, and looks at the base DNs. Undefined: the directory can be used. */
  readonly check: (signal: AbortSignal) => Promise<Unavailable | undefined>
}

export function createLdapDirectory(settings: LdapSettings, { clock, timeouts }: LdapPorts): LdapDirectory {
  const ports: DialPorts = { clock, timeouts: { ...defaultTimeouts, ...timeouts } }
  const guarded = async <T>(
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | Unavailable> => {
    using limit = deadline(clock, ports.timeouts.total, signal)
    try {
      return await work(limit.signal)
    } catch (error) {
      if (!(error instanceof DirectoryFailure)) throw error
      return { kind: 'Unavailable', reason: error.reason, detail: error.message }
    }
  }
  return {
    authenticate: async (username, password, signal) =>
      unfit(username, password) ??
      guarded(signal, (until) => signIn({ settings, ports, signal: until }, username, password)),
    check: (signal) => guarded(signal, (until) => look({ settings, ports, signal: until })),
  }
}

interface Context {
  readonly settings: LdapSettings
  readonly ports: DialPorts
  readonly signal: AbortSignal
}

/** What no directory is asked. A bind with a DN and without a password succeeds on many servers: it is an anonymous one (RFC 4513, 5.1.2). */
function unfit(username: string, password: string): Refused | undefined {
  if (password === '') return refused('EmptyPassword', 'The password is empty.')
  if (username === '' || username.length > limits.username || /\p{Cc}/u.test(username) || !username.isWellFormed())
    return refused('Malformed', 'The username is empty, too long, or has control characters.')
  // A server that ends texts at NUL would take a password that begins with it for an empty one.
  if (password.includes('\0') || Buffer.byteLength(password) > limits.password)
    return refused('Malformed', 'The password is too long, or has a NUL.')
  return undefined
}

async function signIn(context: Context, username: string, password: string): Promise<LdapOutcome> {
  const { settings } = context
  using service = await serviceConnection(context)
  const found = await find(service, context, username)
  if ('kind' in found) return found
  const person = personIn(found, settings.userSearch, username)
  if (person === undefined)
    return refused('IncompleteEntry', 'The entry has no usable value of userSearch.idAttr or userSearch.username.')
  const refusal = await tryPassword(context, found.dn, password)
  if (refusal !== undefined) return refusal
  const { groupSearch, id } = settings
  const groups = groupSearch === undefined ? undefined : await groupsOf(service, groupSearch, found)
  return {
    kind: 'Accepted',
    identity: { provider: id, ...person, groups: groups?.names ?? [] },
    note:
      groups?.areCut === true ? `The person has more than ${limits.groups} groups; the rest is ignored.` : undefined,
  }
}

async function serviceConnection({ settings, ports, signal }: Context): Promise<DirectoryConnection> {
  const { account } = settings
  const password = account === undefined ? '' : await passwordIn(account.passwordFile)
  const connection = await dial(settings, ports, signal)
  try {
    if (account !== undefined) assertBound(await connection.bind(account.dn, password))
    return connection
  } catch (error) {
    connection[Symbol.dispose]()
    throw error
  }
}

/** @throws DirectoryFailure; its message names no path. */
async function passwordIn(path: string): Promise<string> {
  const content = await readFile(path, 'utf8').catch(() => undefined)
  if (content === undefined)
    throw new DirectoryFailure('ServiceAccount', 'The file that bindPWFile names cannot be read.')
  const password = credentialIn(content)
  if (password === undefined)
    throw new DirectoryFailure('ServiceAccount', unfitCredential('The file that bindPWFile names'))
  if (password === '') throw new DirectoryFailure('ServiceAccount', 'The file that bindPWFile names is empty.')
  return password
}

async function find(service: DirectoryConnection, { settings }: Context, username: string): Promise<Entry | Refused> {
  const { userSearch, groupSearch } = settings
  const { username: attribute, idAttr, emailAttr, nameAttr } = userSearch
  const matched = groupSearch?.userMatchers.map(({ userAttr }) => userAttr) ?? []
  const { result, entries } = await service.search({
    baseDN: userSearch.baseDN,
    scope: userSearch.scope,
    filter: matching(userSearch.filter, [{ attribute, value: Buffer.from(username) }]),
    attributes: attributesOf([attribute, idAttr, emailAttr, nameAttr, ...matched]),
    most: 2,
  })
  assertFound(result, 'userSearch')
  const [entry, other] = entries
  if (other !== undefined || result.code === sizeLimitExceeded)
    return refused('Ambiguous', 'userSearch finds more than one entry with this username.')
  return entry ?? refused('UnknownUser', 'userSearch finds no entry with this username.')
}

async function tryPassword({ settings, ports, signal }: Context, dn: string, password: string) {
  using own = await dial(settings, ports, signal)
  return refusalOf(await own.bind(dn, password))
}

async function look(context: Context): Promise<undefined> {
  const { userSearch, groupSearch } = context.settings
  using service = await serviceConnection(context)
  const bases = { userSearch, ...(groupSearch === undefined ? {} : { groupSearch }) }
  for (const [key, { baseDN }] of Object.entries(bases)) {
    const filter = new PresenceFilter({ attribute: 'objectClass' })
    const { result } = await service.search({ baseDN, scope: 'base', filter, attributes: ['1.1'], most: 1 })
    assertFound(result, key)
  }
}
