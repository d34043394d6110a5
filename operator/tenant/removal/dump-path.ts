/** The path of a tenant's last dump in the configured target. Pure. */
import type { Identity } from '../../domain/marks.ts'

/**
 * The same for every attempt of one archive, so that a repeat finds or replaces its own dump. `archivedAt`: RFC 3339.
 */
export function dumpPath({ installation, tenant, uid }: Identity, archivedAt: string): string {
  return `${installation}/${tenant}/${uid}/${archivedAt.replaceAll(':', '')}.dump`
}
