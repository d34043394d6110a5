/** What a decision says of a tenant that is in order, to be varied by a test. */
import type { Outlook } from '../../../operator/tenant/model/outlook.ts'

export function outlook(over: Partial<Outlook> = {}): Outlook {
  return {
    phase: 'Active',
    ready: { status: 'True', reason: 'Provisioned', message: 'The tenant is provisioned.' },
    reconciling: undefined,
    stalled: undefined,
    namespace: 'Done',
    database: 'Done',
    fields: {},
    ...over,
  }
}
