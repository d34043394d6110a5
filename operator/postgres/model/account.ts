/** The requirements on the operator's account on a server: the rights that it must have and must not have. */

/** The problems of the account in words for people, in a fixed order. `attributes`: those that are set. */
export function accountProblems(account: string, attributes: readonly string[]): string[] {
  const has = (attribute: string) => attributes.includes(attribute)
  const lacks = (attribute: string) =>
    `The account "${account}" lacks ${attribute}: ALTER ROLE "${account}" ${attribute}.`
  const tooMuch = (attribute: string) =>
    `The account "${account}" is ${attribute}, which Tenantry does not need: ALTER ROLE "${account}" NO${attribute}.`
  return [
    ...['SUPERUSER', 'REPLICATION', 'BYPASSRLS'].filter(has).map(tooMuch),
    ...['CREATEDB', 'CREATEROLE', 'INHERIT'].filter((attribute) => !has(attribute) && !has('SUPERUSER')).map(lacks),
  ]
}
