/** The condition ApplicationsConnect of a DatabaseServer. Pure. */
import type { NewCondition } from '../api/conditions.ts'
import type { DatabaseServer } from '../api/databaseserver.ts'
import type { PostgresError } from '../postgres/model/port.ts'
import type { ApplicationLogin } from './application-login.ts'
import { troubleAs } from './server-health.ts'
import { tlsTrouble } from './tls-trouble.ts'

/** None where there is nothing to report. */
export function applicationCondition(
  { spec }: Pick<DatabaseServer, 'spec'>,
  found: ApplicationLogin | undefined,
  observedGeneration: number,
): readonly NewCondition[] {
  const { applicationEndpoint } = spec
  if (applicationEndpoint === undefined || found === undefined) return []
  const { host, port } = applicationEndpoint
  const type = 'ApplicationsConnect'
  if (found.kind === 'Works') {
    const message = `A tenant can log in at ${host}:${port}, the address of its applications.`
    return [{ type, status: 'True', reason: 'ApplicationLoginWorks', message, observedGeneration }]
  }
  const message = `No tenant can log in at ${host}:${port} (spec.applicationEndpoint), though one can at the server itself: ${wordsOf(spec, found.error)}`
  return [{ type, status: 'False', reason: 'ApplicationLoginFails', message, observedGeneration }]
}

function wordsOf(
  spec: DatabaseServer['spec'],
  { reason, sqlstate }: Pick<PostgresError, 'reason' | 'sqlstate'>,
): string {
  const own = spec.applicationEndpoint?.tls
  const fields = {
    tls: own === undefined ? 'spec.tls' : 'spec.applicationEndpoint.tls',
    host: 'spec.applicationEndpoint.host',
  }
  const tls = tlsTrouble(reason, own ?? spec.tls, fields)
  if (tls !== undefined) return troubleAs(tls.row, { ...tls.facts, server: 'it' }).message
  if (reason === 'AnotherServer')
    return 'it leads to another PostgreSQL server. Correct the field, or the target of the address.'
  if (sqlstate !== undefined)
    return `it answers SQLSTATE ${sqlstate}. Check the log of the process that listens there; a pooler needs to know the logins of tenants (auth_query).`
  return 'it does not answer. Correct the field, or check the process that should listen there.'
}
