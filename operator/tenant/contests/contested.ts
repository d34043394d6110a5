/** The outlook of a tenant with contested fields; any other verdict is reported first. Pure. */
import { contestedVerdict } from './contest-words.ts'
import type { Outlook, Part } from '../model/outlook.ts'
import type { ToldFinding } from '../model/finding.ts'

export function withContests(outlook: Outlook, findings: readonly ToldFinding[]): Outlook {
  if (findings.length === 0) return outlook
  const verdict = contestedVerdict(findings)
  const [database, namespace] = [true, false].map((isDatabase) =>
    findings.filter(({ target }) => (target === 'Database') === isDatabase),
  )
  const said = { ...outlook, namespace: part(outlook.namespace, namespace), database: part(outlook.database, database) }
  if (outlook.stalled !== undefined || outlook.reconciling !== undefined || outlook.ready.status === 'False')
    return said
  return { ...said, ready: { status: 'False', ...verdict }, stalled: verdict }
}

function part(before: Part, findings: readonly ToldFinding[] = []): Part {
  return before === 'Done' && findings.length > 0 ? contestedVerdict(findings) : before
}
