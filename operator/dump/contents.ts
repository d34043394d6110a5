/** What of a dump is restored to prove it. Pure. */

/**
 * What sends changes on or watches over them, made by whoever runs the platform: it is no data, would begin to work where it
 * is restored, and only a superuser may make most of it. Comments on it go with it.
 */
const besidesData =
  /^\d+; \d+ \d+ (?:(?:COMMENT|SECURITY LABEL) \S+ )?(?:EVENT TRIGGER|PUBLICATION|PUBLICATION TABLE|PUBLICATION TABLES IN SCHEMA|SUBSCRIPTION|SUBSCRIPTION TABLE) /

/** The list that pg_restore gives of a dump (`--list`), without what is not to be restored, as it takes it (`--use-list`). */
export function restorable(contents: string): string {
  return contents
    .split('\n')
    .filter((line) => !besidesData.test(line))
    .join('\n')
}
