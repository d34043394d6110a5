/**
 * The settings of one LDAP provider, with the keys that Dex's LDAP connector has. Secrets are not among them: they are named as
 * files. Each message completes the sentence that begins with the path of its key. Pure.
 */
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { flag, issueOf, providerId, record, text } from '../identity/provider-fields.ts'
import { FilterSyntaxError, comparedAttribute, isAttributeName, parseFilter } from './filter-syntax.ts'
import type { FilterTree } from './filter-syntax.ts'

export interface LdapSettings {
  readonly type: 'ldap'
  readonly id: string
  /** The label of the button. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly security: 'none' | 'starttls' | 'tls'
  /** False: any certificate is accepted. */
  readonly verify: boolean
  /** The path of a PEM file, read for each connection, or PEM; undefined: the authorities of the system. */
  readonly rootCA: { readonly file: string } | { readonly pem: string } | undefined
  /** Undefined: the searches are anonymous. The file is read for each sign-in, so that a changed password counts at once. */
  readonly account: { readonly dn: string; readonly passwordFile: string } | undefined
  readonly usernamePrompt: string
  readonly userSearch: UserSearch
  readonly groupSearch: GroupSearch | undefined
}

export type Scope = 'sub' | 'one'

/** Attribute names are as written; `DN` is the name of the entry itself. */
export interface UserSearch {
  readonly baseDN: string
  readonly filter: FilterTree | undefined
  readonly scope: Scope
  readonly username: string
  readonly idAttr: string
  readonly emailAttr: string
  readonly nameAttr: string | undefined
}

export interface UserMatcher {
  readonly userAttr: string
  /** With the matching rule that compares its values, where it is not equality. */
  readonly groupAttr: { readonly attribute: string; readonly rule: string | undefined }
}

export interface GroupSearch {
  readonly baseDN: string
  readonly filter: FilterTree | undefined
  readonly scope: Scope
  /** A group is the person's if one value of `userAttr` of the person is one of `groupAttr` of the group, for any of these pairs. */
  readonly userMatchers: readonly UserMatcher[]
  readonly nameAttr: string
}

const attribute = text.refine(isAttributeName, 'is not the name of an attribute, such as uid')

const compared = text.transform((value, context) => {
  const found = comparedAttribute(value)
  if (found !== undefined) return found
  context.addIssue({ code: 'custom', message: 'is not the name of an attribute, such as member' })
  return z.NEVER
})

const filter = text.transform((value, context): FilterTree => {
  try {
    return parseFilter(value)
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error
    context.addIssue({ code: 'custom', message: `is not a filter such as (objectClass=person): it ${error.message}` })
    return z.NEVER
  }
})

const scope = z.enum(['sub', 'one'], { error: 'is neither sub nor one' }).default('sub')

const userSearch = record({
  baseDN: text,
  filter: filter.optional(),
  username: attribute,
  idAttr: attribute.default('uid'),
  emailAttr: attribute.default('mail'),
  nameAttr: attribute.optional(),
  scope,
})

const groupSearch = record({
  baseDN: text,
  filter: filter.optional(),
  userMatchers: z
    .array(record({ userAttr: attribute, groupAttr: compared }), { error: issueOf('a list') })
    .min(1, 'is empty: name the attributes of person and group that have to be equal')
    .max(10, 'has more than 10 entries'),
  nameAttr: attribute.default('cn'),
  scope,
})

const host = text.transform((value, context) => {
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]@]+))(?::(\d{1,5}))?$/.exec(value) ?? []
  const name = bracketed ?? plain
  const number = port === undefined ? undefined : Number(port)
  if (name !== undefined && (number === undefined || (number > 0 && number <= 65_535))) return { name, port: number }
  context.addIssue({
    code: 'custom',
    message: 'is not a host such as ldap.example.com or ldap.example.com:636; a URL is not accepted',
  })
  return z.NEVER
})

const rootCAData = z.string({ error: issueOf('a text') }).transform((value, context) => {
  const pem = value.includes('-----BEGIN') ? value : Buffer.from(value, 'base64').toString('latin1')
  if (isCertificate(pem)) return pem
  context.addIssue({ code: 'custom', message: 'is not a certificate in PEM, or its base64' })
  return z.NEVER
})

export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

/** The keys as people write them. */
const keys = record({
  type: z.literal('ldap', { error: 'is not ldap' }),
  id: providerId,
  name: text,
  host,
  insecureNoSSL: flag(false),
  insecureSkipVerify: flag(false),
  startTLS: flag(false),
  rootCA: text.optional(),
  rootCAData: rootCAData.optional(),
  bindDN: text.optional(),
  bindPW: z.never({ error: 'is a secret; put it into a file and name the file in bindPWFile' }).optional(),
  bindPWFile: text.optional(),
  usernamePrompt: text.default('Username'),
  userSearch,
  groupSearch: groupSearch.optional(),
})

type Keys = z.output<typeof keys>

/** One provider; a member of the list `signIn.providers`. */
export const ldapProvider = keys
  .superRefine((given, context) => {
    for (const [key, message] of contradictions(given)) context.addIssue({ code: 'custom', path: [key], message })
  })
  .transform(arrange)

function contradictions(given: Keys): (readonly [key: keyof Keys, message: string])[] {
  const { insecureNoSSL, insecureSkipVerify, startTLS, rootCA, rootCAData: data, bindDN, bindPWFile } = given
  const ca = rootCA === undefined ? 'rootCAData' : 'rootCA'
  const wrong: readonly (readonly [boolean, keyof Keys, string])[] = [
    [given.id === 'local', 'id', "is local, which stands for Tenantry's own passwords"],
    [insecureNoSSL && startTLS, 'insecureNoSSL', 'contradicts startTLS: the one is without TLS, the other with it'],
    [insecureNoSSL && insecureSkipVerify, 'insecureSkipVerify', 'has no effect with insecureNoSSL; remove one of them'],
    [insecureNoSSL && (rootCA ?? data) !== undefined, ca, 'has no effect with insecureNoSSL; remove one of them'],
    [
      insecureSkipVerify && (rootCA ?? data) !== undefined,
      ca,
      'has no effect with insecureSkipVerify; remove one of them',
    ],
    [rootCA !== undefined && data !== undefined, 'rootCAData', 'is given, and rootCA too; remove one of them'],
    [
      bindDN !== undefined && bindPWFile === undefined,
      'bindPWFile',
      'is missing: the account in bindDN needs a password',
    ],
    [
      bindDN === undefined && bindPWFile !== undefined,
      'bindDN',
      'is missing: it names the account of the password in bindPWFile',
    ],
  ]
  return wrong.filter(([holds]) => holds).map(([, key, message]) => [key, message])
}

function arrange(given: Keys): LdapSettings {
  const { insecureNoSSL, startTLS, rootCA, rootCAData: pem, bindDN, bindPWFile } = given
  const security = insecureNoSSL ? 'none' : startTLS ? 'starttls' : 'tls'
  const ca = rootCA === undefined ? (pem === undefined ? undefined : { pem }) : { file: rootCA }
  return {
    type: given.type,
    id: given.id,
    name: given.name,
    host: given.host.name,
    port: given.host.port ?? (security === 'tls' ? 636 : 389),
    security,
    verify: !given.insecureSkipVerify,
    rootCA: ca,
    account: bindDN === undefined || bindPWFile === undefined ? undefined : { dn: bindDN, passwordFile: bindPWFile },
    usernamePrompt: given.usernamePrompt,
    userSearch: { ...given.userSearch, filter: given.userSearch.filter, nameAttr: given.userSearch.nameAttr },
    groupSearch: given.groupSearch && { ...given.groupSearch, filter: given.groupSearch.filter },
  }
}
