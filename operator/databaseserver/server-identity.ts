/** The identity of the PostgreSQL server behind a DatabaseServer, and what follows when another one answers. Pure. */
import type { DatabaseServer } from '../api/databaseserver.ts'
import { annotations } from '../api/names.ts'
import type { NameClaim } from '../domain/caches.ts'
import { troubleAs } from './server-health.ts'
import type { Trouble } from './server-health.ts'

type Server = Pick<DatabaseServer, 'metadata' | 'spec' | 'status'>

/**
 * The recorded identifiers: in the status, and where that is lost, in the claims of the tenants that were placed there.
 * Empty at the first contact.
 */
export function recordedIdentifiers({ status }: Server, claims: () => readonly NameClaim[]): readonly string[] {
  if (status?.systemIdentifier !== undefined) return [status.systemIdentifier]
  const found = claims().flatMap(({ systemIdentifier }) => systemIdentifier ?? [])
  return [...new Set(found)].toSorted()
}

/** The server that an administrator has accepted, whatever was recorded: a system identifier, or `host:port`. */
export function acceptedServer({ metadata }: Server): string | undefined {
  return metadata.annotations?.[annotations.acceptServer]
}

/** The server has to be one of these. Empty: any. */
export function acceptableIdentifiers(server: Server, recorded: readonly string[]): readonly string[] {
  const accepted = acceptedServer(server)
  if (recorded.length === 0 || accepted === undefined || !/^[0-9]+$/.test(accepted)) return recorded
  return [...new Set([...recorded, accepted])]
}

export function addressText({ spec: { endpoint } }: Server): string {
  return `${endpoint.host}:${endpoint.port}`
}

/** `found`: the identifier of the server that answers; undefined where it may not be read. */
export function anotherServer(server: Server, recorded: readonly string[], found: string | undefined): Trouble {
  const what =
    found === undefined
      ? 'it has none of the databases of the tenants that were placed on it'
      : `its system identifier is ${found}, and that of this DatabaseServer is ${recorded.join(' or ')}`
  const accept = `kubectl annotate databaseserver ${server.metadata.name} ${annotations.acceptServer}=${found ?? addressText(server)} --overwrite`
  return troubleAs('ServerIsAnother', { server: `PostgreSQL at ${addressText(server)}`, name: what, words: accept })
}

/** The older DatabaseServer with the same PostgreSQL server, if there is one. */
export function olderDuplicateOf(
  { metadata }: Server,
  identifier: string | undefined,
  servers: Iterable<Server>,
): Server | undefined {
  if (identifier === undefined) return undefined
  const age = ({ creationTimestamp = '', name }: Server['metadata']) => `${creationTimestamp} ${name}`
  return [...servers]
    .filter((other) => other.status?.systemIdentifier === identifier && age(other.metadata) < age(metadata))
    .toSorted((one, other) => (age(one.metadata) < age(other.metadata) ? -1 : 1))[0]
}

export function duplicateServer({ metadata }: Server, identifier: string): Trouble {
  return troubleAs('ServerIsDuplicate', { name: metadata.name, words: identifier })
}
