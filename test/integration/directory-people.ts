/** The people and groups of a directory, for the tests of LDAP. */
import { suffix } from '../harness/slapd.ts'

export const people = `ou=people,${suffix}`
export const groups = `ou=groups,${suffix}`

export const ben = { dn: `uid=ben,${people}`, username: 'ben', password: 'correct horse 😀' }
export const jorg = { dn: `uid=jörg,${people}`, username: 'jörg', password: 'pässwörd' }
/** A username of characters that mean something in filters and DNs. */
export const odd = { dn: `uid=a*(b)\\5Cc\\2C#,${people}`, username: 'a*(b)\\c,#', password: 'odd' }

interface Member {
  readonly dn: string
  readonly username: string
  readonly password?: string
  readonly more?: readonly string[]
}

function person({ dn, username, password, more = [] }: Member): string {
  return [
    line('dn', dn),
    'objectClass: inetOrgPerson',
    line('uid', username),
    line('cn', `The person ${username}`),
    'sn: person',
    ...(password === undefined ? [] : [line('userPassword', password)]),
    ...more,
  ].join('\n')
}

function group(name: string, members: readonly string[], below = groups): string {
  const lines = [line('dn', `cn=${name.replace(',', '\\,')},${below}`), 'objectClass: groupOfNames', line('cn', name)]
  return [...lines, ...members.map((member) => line('member', member))].join('\n')
}

function unit(dn: string): string {
  return `dn: ${dn}\nobjectClass: organizationalUnit`
}

/** In base64, which takes any text. */
function line(name: string, value: string): string {
  return `${name}:: ${Buffer.from(value).toString('base64')}`
}

const guest = { dn: `uid=guest,${people}`, username: 'guest' }
const locked = { dn: `uid=locked,${people}`, username: 'locked', password: 'right' }
const reset = { dn: `uid=reset,${people}`, username: 'reset', password: 'right' }
const twins = ['people', 'partners'].map((name) => ({
  dn: `uid=twin,ou=${name},${suffix}`,
  username: 'twin',
  password: 'right',
}))

export const ldif = [
  [
    `dn: cn=changes,${suffix}`,
    'objectClass: person',
    'objectClass: pwdPolicy',
    'cn: changes',
    'sn: changes',
    'pwdAttribute: userPassword',
    'pwdMustChange: TRUE',
  ].join('\n'),
  ...['people', 'partners', 'groups'].map((name) => unit(`ou=${name},${suffix}`)),
  unit(`ou=deeper,${groups}`),
  person({
    ...ben,
    more: [
      'mail: Ben.Baker@Example.COM',
      'displayName: Ben Baker',
      `memberOf: cn=Ops,${groups}`,
      `memberOf: cn=gone,${groups}`,
    ],
  }),
  person(jorg),
  person(odd),
  person(guest),
  person({ ...locked, more: ['pwdAccountLockedTime: 000001010000Z'] }),
  person({ ...reset, more: ['pwdReset: TRUE', `pwdPolicySubentry: cn=changes,${suffix}`] }),
  ...twins.map(person),
  group('Ops', [ben.dn, jorg.dn]),
  group('Dev, the Team', [ben.dn]),
  group('others', [jorg.dn]),
  group('deep', [ben.dn], `ou=deeper,${groups}`),
  [`dn: cn=staff,${groups}`, 'objectClass: posixGroup', 'cn: staff', 'gidNumber: 7', 'memberUid: ben'].join('\n'),
].join('\n\n')
