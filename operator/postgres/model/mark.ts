/**
 * The mark on everything that Tenantry makes on a server: JSON in a COMMENT. A tenant can comment neither on its roles
 * (that takes CREATEROLE) nor on its database (the operator owns it). It starts with the installation, so that one
 * prefix finds all marks; key order is part of the format.
 *
 * Every login of a server can read all comments, so they contain the tenant's name only as a digest: enough to find a
 * tenant again by its name, too little to list the tenants behind the databases.
 */
import { z } from 'zod'

import { digestName } from '../../api/names.ts'
import type { DatabaseNames } from '../../api/names.ts'
import type { Mark } from './port.ts'
import type { ObservedMark } from './observed-database.ts'

/** Counts up when the inside of a tenant's database changes, so that older ones are completed again. */
export const insideVersion = 1

const fields = { installation: z.string(), tenant: z.string(), uid: z.string() }
const comment = z.discriminatedUnion('kind', [
  z.object({
    ...fields,
    kind: z.literal('owner'),
    database: z.string(),
    schema: z.string().optional(),
    logins: z.object({ a: z.string(), b: z.string() }),
    inside: z.number().optional(),
  }),
  z.object({ ...fields, kind: z.literal('login'), parameters: z.array(z.string()).optional() }),
  z.object({ ...fields, kind: z.literal('database'), inside: z.number() }),
  z.object({ ...fields, kind: z.literal('dump') }),
])
const shared = z.object({ installation: z.string(), kind: z.literal('shared') })
export type MarkComment = z.infer<typeof comment>

/** The prefix of all comments of one installation. */
export function markPrefix(installation: string): string {
  return JSON.stringify({ installation }).slice(0, -1) + ','
}

/** What a comment has instead of `namespace/name`. */
export function tenantDigest({ installation, tenant }: Pick<Mark, 'installation' | 'tenant'>): string {
  return digestName(16, installation, tenant)
}

const head = (mark: Mark) => ({ installation: mark.installation, tenant: tenantDigest(mark), uid: mark.uid })

/**
 * `inside`: the {@link insideVersion} to which the tenant's data was completed. A shared database cannot record that
 * for each of its tenants, and a dropped database records nothing.
 */
export function ownerComment(mark: Mark, { database, schema, logins }: DatabaseNames, inside?: number): string {
  const roles = { a: logins.a, b: logins.b }
  return JSON.stringify({ ...head(mark), kind: 'owner', database, schema, logins: roles, inside })
}

/** `parameters`: the names of the declared parameters that were set on the login. */
export function loginComment(mark: Mark, parameters: readonly string[] = []): string {
  return JSON.stringify({ ...head(mark), kind: 'login', ...(parameters.length === 0 ? {} : { parameters }) })
}

/** On objects that a dump needs for a while. */
export function dumpComment(mark: Mark): string {
  return JSON.stringify({ ...head(mark), kind: 'dump' })
}

/** Written last, in the transaction that completes the database. */
export function databaseComment(mark: Mark): string {
  return JSON.stringify({ ...head(mark), kind: 'database', inside: insideVersion })
}

/** On the database that an installation's tenants share. */
export function sharedComment({ installation }: Pick<Mark, 'installation'>): string {
  return JSON.stringify({ installation, kind: 'shared' })
}

export function isSharedMark(text: string | undefined): boolean {
  return shared.safeParse(ours(text)).success
}

/** The tenant in a mark; undefined for any comment that is not a tenant's mark in form. */
export function parseMark(text: string | undefined): MarkComment | undefined {
  return comment.safeParse(ours(text)).data
}

function ours(text: string | undefined): unknown {
  if (text === undefined || !text.startsWith('{"installation":')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Whether a mark is this tenant's, or that of a tenant it took over: installation and uid decide; a later Tenant can
 * take a name.
 */
export function sameTenant(mine: Mark, other: ObservedMark): boolean {
  const uids = [mine.uid, ...(mine.formerUids ?? [])]
  return mine.installation === other.installation && uids.includes(other.uid)
}
