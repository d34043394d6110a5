/**
 * What has to be true whatever happened, judged from outside the operator: from the objects in the cluster, PostgreSQL's
 * catalogues, the mails and the logs (facts.ts reads them). Each answers what is violated, as sentences; none is good.
 */
import type { AuditEvent } from './audit-log.ts'
import type { Stored } from './api.ts'
import type { CaughtMail } from './mail-message.ts'

/** A role or a database, with its COMMENT. */
export interface CatalogueEntry {
  readonly name: string
  readonly comment: string | null
}

/** All of one installation, read at one time. */
export interface Facts {
  readonly installation: string
  readonly tenants: readonly Stored[]
  readonly admins: readonly Stored[]
  /** Those that bear the mark of any tenant. */
  readonly namespaces: readonly Stored[]
  readonly claims: readonly Stored[]
  readonly acceptances: readonly Stored[]
  /** The binding Secrets, in whatever namespace. */
  readonly bindings: readonly Stored[]
  /** All roles but PostgreSQL's own. */
  readonly roles: readonly CatalogueEntry[]
  /** All databases but template0, template1 and postgres. */
  readonly databases: readonly CatalogueEntry[]
  /** All in databases that tenants share, by the names of the owner roles that they are for. */
  readonly schemas: readonly string[]
  /** Roles and databases that were there before, and are nobody's. */
  readonly strangers: readonly string[]
  /** Tenants and TenantAdmins that are gone and whose data stays on purpose, by uid. */
  readonly kept?: readonly string[]
}

interface Mark {
  readonly installation: string
  readonly uid: string
  readonly kind: 'owner' | 'login' | 'database' | 'shared'
}

const uidLabel = 'tenantry.dev/tenant-uid'

/** I1: live tenants and what was made for them are one to one; nothing is left of those that are gone. */
export function orphans(facts: Facts): string[] {
  return [...leftovers(facts), ...missing(facts), ...shared(facts), ...unfinished(facts)]
}

function leftovers(facts: Facts): string[] {
  const { kept = [] } = facts
  const living = new Set([...facts.tenants.map(({ metadata }) => metadata.uid), ...kept])
  const persons = new Set([...facts.admins.map(({ metadata }) => metadata.uid), ...kept])
  const objects = [...facts.namespaces, ...facts.claims, ...facts.bindings]
    .filter(({ metadata }) => !living.has(metadata.labels?.[uidLabel] ?? ''))
    .map((object) => `${titleOf(object)} is left of a tenant that is gone.`)
  const acceptances = facts.acceptances
    .filter(({ metadata }) => !persons.has(metadata.labels?.['tenantry.dev/admin-uid'] ?? ''))
    .map((object) => `${titleOf(object)} is left of a TenantAdmin that is gone.`)
  const entries = [
    ...facts.roles.map((entry) => ({ what: 'The role', ...entry })),
    ...facts.databases.map((entry) => ({ what: 'The database', ...entry })),
  ]
  const catalogue = entries.flatMap(({ what, name, comment }) => {
    if (facts.strangers.includes(name)) return []
    const mark = markIn(comment)
    if (mark === undefined) return [`${what} ${name} bears no mark.`]
    if (mark.installation !== facts.installation || mark.kind === 'shared') return []
    return living.has(mark.uid) ? [] : [`${what} ${name} is left of a tenant that is gone.`]
  })
  const known = new Set(facts.roles.map(({ name }) => name))
  const schemas = facts.schemas
    .filter((owner) => !known.has(owner))
    .map((owner) => `The schema ${owner} is left of a tenant that is gone.`)
  return [...objects, ...acceptances, ...catalogue, ...schemas]
}

/** I6: who is said to have accepted has done so for the tenant that is there, or for one that it took over. */
export function trespassers({ tenants, admins, acceptances }: Facts): string[] {
  return admins.flatMap((admin) => {
    const { tenant, invite } = (admin.status ?? {}) as {
      readonly tenant?: { readonly uid: string }
      readonly invite?: { readonly status?: string; readonly sequence?: number }
    } // of our own schema
    const record = acceptances.find(
      ({ metadata }) => metadata.name === `accept-${admin.metadata.uid}-${invite?.sequence}`,
    )
    const living = tenants.find(({ metadata }) => metadata.uid === tenant?.uid)
    if (invite?.status !== 'Accepted' || record === undefined || living === undefined) return []
    const uids = [living.metadata.uid, ...((living.status?.['adopted'] ?? []) as readonly string[])] // of our own schema
    const uid = record.metadata.labels?.[uidLabel] ?? ''
    return uids.includes(uid) ? [] : [`${titleOf(admin)} is Accepted by what was accepted for another tenant (${uid}).`]
  })
}

/** Names that are on their way from one tenant to another. */
function unfinished({ claims }: Facts): string[] {
  return claims
    .filter(({ data }) => data?.['bound-to'] !== undefined || data?.['handovers'] !== undefined)
    .map((claim) => `${titleOf(claim)} is in an exchange that does not end.`)
}

/** What a tenant has whose database is ready, by the marks on it. */
function missing(facts: Facts): string[] {
  return facts.tenants.filter(isProvisioned).flatMap((tenant) => {
    const { uid, name } = tenant.metadata
    const bearing = (objects: readonly Stored[]) =>
      objects.filter(({ metadata }) => metadata.labels?.[uidLabel] === uid).length
    const marked = (entries: readonly CatalogueEntry[], kind: Mark['kind']) =>
      entries.map(({ comment }) => markIn(comment)).filter((mark) => mark?.uid === uid && mark.kind === kind).length
    const counts: readonly (readonly [string, number, number])[] = [
      ['namespaces', bearing(facts.namespaces), 1],
      ['claims', bearing(facts.claims.filter((claim) => !isAlias(claim))), 2],
      ['binding Secrets', bearing(facts.bindings), 1],
      ['owner roles', marked(facts.roles, 'owner'), 1],
      ['login roles', marked(facts.roles, 'login'), 2],
      [
        'databases or schemas',
        marked(facts.databases, 'database') +
          facts.schemas.filter((owner) => owner === databaseIn(tenant).schema).length,
        databaseIn(tenant).schema === undefined ? 1 : 2,
      ],
    ]
    return counts
      .filter(([, count, wanted]) => count !== wanted)
      .map(([what, count, wanted]) => `The Tenant ${name} has ${count} ${what}, and should have ${wanted}.`)
  })
}

/** A former name, which is kept for its holder for a while. */
function isAlias({ data }: Stored): boolean {
  return data?.['until'] !== undefined
}

/** No two tenants are told of the same namespace, database, Cloud ID or host. */
function shared({ tenants }: Facts): string[] {
  const said = tenants.flatMap((tenant) => {
    const { metadata, status } = tenant
    const { name, schema } = databaseIn(tenant)
    const values = { ...status, database: schema ?? name }
    return (['namespace', 'cloudId', 'host', 'database'] as const)
      .map((field) => ({ field, value: (values as Record<string, unknown>)[field], name: metadata.name }))
      .filter(({ value }) => typeof value === 'string')
  })
  return said.flatMap(({ field, value, name }, index) => {
    const earlier = said.slice(0, index).find((other) => other.field === field && other.value === value)
    return earlier === undefined ? [] : [`The Tenants ${earlier.name} and ${name} share the ${field} ${String(value)}.`]
  })
}

function databaseIn({ status }: Pick<Stored, 'status'>): { readonly name?: string; readonly schema?: string } {
  return status?.['database'] ?? {} // of our own schema
}

function isProvisioned({ status, metadata }: Stored): boolean {
  const conditions = (status?.['conditions'] ?? []) as readonly { type: string; status: string }[] // metav1.Condition
  const ready = conditions.some(({ type, status: value }) => type === 'DatabaseReady' && value === 'True')
  return ready && metadata.deletionTimestamp === undefined
}

/** The mark in a COMMENT of ours, which is JSON. */
function markIn(comment: string | null): Mark | undefined {
  if (comment === null || !comment.startsWith('{')) return undefined
  try {
    return JSON.parse(comment) as Mark // what is no mark has no uid
  } catch {
    return undefined
  }
}

function titleOf({ kind, metadata }: Stored): string {
  return `The ${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}

export interface Credentials {
  readonly tenant: string
  readonly database: string
  readonly username: string
  readonly password: string
  /** The tenant is turned off, and nobody gets in. */
  readonly off?: boolean
}

/** Whether these credentials open a session on that database. */
export type TryLogin = (database: string, username: string, password: string) => Promise<boolean>

/** I2: the full matrix; each tenant's credentials open its own database while it is on, and no other, nor the server's. */
export async function logins(tenants: readonly Credentials[], tryLogin: TryLogin): Promise<string[]> {
  const databases = [...new Set(tenants.map(({ database }) => database)), 'postgres', 'template1']
  const violations: string[] = []
  for (const { tenant, database: own, username, password, off = false } of tenants) {
    for (const database of databases) {
      const opened = await tryLogin(database, username, password)
      if (opened && database !== own) violations.push(`The credentials of ${tenant} open the database ${database}.`)
      if (opened && off && database === own)
        violations.push(`The credentials of ${tenant} open a database that is off.`)
      if (!opened && !off && database === own)
        violations.push(`The credentials of ${tenant} do not open its own database.`)
    }
    if (await tryLogin(own, username, `${password}x`)) violations.push(`Any password opens the database of ${tenant}.`)
  }
  return violations
}

export interface SentInvite {
  readonly address: string
  readonly sequence: number
  readonly messageId: string
  /** Whether the status says that the relay has taken it. */
  readonly sent: boolean
}

/**
 * I3: one mail per sequence. `crashes`: how many times the operator was ended inside the gap between the relay's answer
 * and the record of it; each may repeat one mail, with the same Message-ID and the same link.
 */
export function repeatedMails(
  invites: readonly SentInvite[],
  mails: readonly Pick<CaughtMail, 'to' | 'messageId' | 'links'>[],
  crashes = 0,
): string[] {
  return invites.flatMap(({ address, sequence, messageId, sent }) => {
    const toThem = mails.filter(({ to }) => to.includes(address))
    const own = toThem.filter((mail) => !isWarning(mail))
    const warnings = toThem.filter(isWarning)
    const again = warnings.length - distinct(warnings.map((mail) => mail.messageId))
    const ids = [...new Set(own.map((mail) => mail.messageId))]
    const latest = own.filter((mail) => mail.messageId === messageId)
    const links = ids.filter((id) => distinct(own.filter((mail) => mail.messageId === id).map(linkOf)) > 1)
    return [
      ...(ids.length > sequence ? [`${address} got ${ids.length} different mails for ${sequence} invites.`] : []),
      ...(own.length > sequence + crashes ? [`${address} got ${own.length} mails for ${sequence} invites.`] : []),
      ...(sent && latest.length === 0 ? [`${address} never got the invite that was sent to it.`] : []),
      ...(again > crashes ? [`${address} got ${again} warnings once more.`] : []),
      ...links.map((id) => `The mails with the Message-ID ${id} have different links.`),
    ]
  })
}

/** That a tenant ends: one mail for each date and threshold, each with a Message-ID of its own. */
function isWarning({ messageId }: Pick<CaughtMail, 'messageId'>): boolean {
  return messageId.startsWith('<expiry.')
}

function linkOf({ links }: Pick<CaughtMail, 'links'>): string {
  return links.join(' ')
}

function distinct(values: readonly string[]): number {
  return new Set(values).size
}

export interface Activity {
  readonly writes: readonly AuditEvent[]
  /** Texts of SQL statements, as the operator's account has sent them. */
  readonly statements: readonly string[]
}

/** I4: nothing is written that nobody needs. Leases may be; statements may where `allowed` knows them (the catalogue). */
export function noise({ writes, statements }: Activity, allowed: (statement: string) => boolean = () => false) {
  return [
    ...writes
      .filter(({ resource }) => resource !== 'leases')
      .map(({ verb, resource, namespace, name }) => `Wrote without need: ${verb} ${resource} ${namespace}/${name}`),
    ...statements.filter((text) => !allowed(text)).map((text) => `Ran without need: ${text.trim().slice(0, 120)}`),
  ]
}

/** I5: none of these secrets stands in any of these texts, plain, in base64 or percent-encoded. */
export function leaks(secrets: Readonly<Record<string, string>>, texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets).flatMap(([what, secret]) =>
    Object.entries(texts)
      .filter(([, text]) => spellings(secret).some((spelling) => text.includes(spelling)))
      .map(([where]) => `${what} stands in ${where}.`),
  )
}

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // A short one stands anywhere by chance.
  if (secret.length < 8) return []
  return [secret, bytes.toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)]
}
