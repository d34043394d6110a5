/**
 * Rights for the duration of one transaction. A role that created another may administer it but not act with its rights
 * (PostgreSQL ≥ 16: ADMIN without INHERIT and SET). Where an action needs those, the operator grants itself the
 * membership and revokes it in the same transaction, so that no other session ever sees it. Role names come quoted.
 */

export function borrow(role: string, version: number): string {
  return `GRANT ${role} TO CURRENT_USER${version >= 160_000 ? ' WITH INHERIT TRUE, SET TRUE' : ''}`
}

export function giveBack(role: string): string {
  return `REVOKE ${role} FROM CURRENT_USER`
}
