/** What the entry of a person says, of values that can be used. Pure. */
import { mailbox } from '../../api/tenantadmin.ts'
import type { Identity } from '../identity/identity.ts'
import { limits } from './directory-limits.ts'
import type { Entry } from './ldap-responses.ts'
import type { UserSearch } from './settings.ts'

/** What a session keeps. */
const longestSubject = 512

const address = mailbox()

/** Attributes of Active Directory that are numbers in bytes; they are written in hexadecimal. */
const binary: ReadonlySet<string> = new Set(['objectguid', 'objectsid'])

/** The values of an attribute, `DN` for the name of the entry; without those that are too long, and without those that are too many. */
export function valuesOf({ dn, attributes }: Entry, attribute: string): readonly Buffer[] {
  const values = isDn(attribute) ? [Buffer.from(dn)] : (attributes.get(attribute.toLowerCase()) ?? [])
  return values.filter(({ length }) => length > 0 && length <= limits.value).slice(0, limits.values)
}

/** The values that are texts on one line. */
export function textsOf(entry: Entry, attribute: string): readonly string[] {
  return valuesOf(entry, attribute).flatMap((value) => {
    if (binary.has(attribute.toLowerCase())) return [value.toString('hex')]
    const text = value.toString('utf8')
    return Buffer.from(text).equals(value) && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) ? [text] : []
  })
}

/** What to ask the directory for. `DN` is no attribute; without any other, the name alone (RFC 4511, section 4.5.1.8). */
export function attributesOf(names: readonly (string | undefined)[]): readonly string[] {
  const asked = new Set(names.filter((name) => name !== undefined && !isDn(name)))
  return asked.size === 0 ? ['1.1'] : [...asked].filter((name) => name !== undefined)
}

export type Account = Omit<Identity, 'groups' | 'provider'>

/** Undefined: the entry has no id or no username that can be used. `typed`: the username as the person wrote it. */
export function personIn(entry: Entry, search: UserSearch, typed: string): Account | undefined {
  const subject = textsOf(entry, search.idAttr).find((text) => text.length <= longestSubject)
  const usernames = textsOf(entry, search.username)
  const username = usernames.find((name) => name.toLowerCase() === typed.toLowerCase()) ?? usernames[0]
  if (entry.dn === '' || subject === undefined || username === undefined) return undefined
  const [name] = search.nameAttr === undefined ? [] : textsOf(entry, search.nameAttr)
  return { subject, username, email: emailIn(entry, search.emailAttr), name }
}

/**
 * The first address, as the directory orders them, in lower case. ASCII only: beyond it, lower case makes one address of two
 * (the Kelvin sign becomes k).
 */
function emailIn(entry: Entry, attribute: string): string | undefined {
  return textsOf(entry, attribute)
    .map((text) => text.trim())
    .find((text) => address.safeParse(text).success)
    ?.toLowerCase()
}

function isDn(attribute: string): boolean {
  return attribute.toUpperCase() === 'DN'
}
