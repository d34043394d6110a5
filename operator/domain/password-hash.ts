/** The hash of a password as a Secret has it. Pure. */

/** Printable ASCII: PostgreSQL refuses a NUL, and the tenant's directory would never be written again. */
const shape = /^[ -~]{1,512}$/

/** Undefined for what can be no PHC string. */
export function hashIn(entry: string | undefined): string | undefined {
  return entry !== undefined && shape.test(entry) ? entry : undefined
}
