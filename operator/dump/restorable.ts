/** The part of a dump that is restored to prove it. Pure. */

/**
 * Objects that replicate or watch changes, made by the platform's administrators: they are no data, would begin to work
 * where they are restored, and only a superuser may make most of them. Their comments go with them.
 */
const besidesData =
  /^\d+; \d+ \d+ (?:(?:COMMENT|SECURITY LABEL) \S+ )?(?:EVENT TRIGGER|PUBLICATION|PUBLICATION TABLE|PUBLICATION TABLES IN SCHEMA|SUBSCRIPTION|SUBSCRIPTION TABLE) /

/**
 * The list that pg_restore gives of a dump (`--list`), without the parts that are not restored, as it takes it
 * (`--use-list`).
 */
export function restorable(contents: string): string {
  return contents
    .split('\n')
    .filter((line) => !besidesData.test(line))
    .join('\n')
}
