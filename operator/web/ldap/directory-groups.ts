/** The groups of a person, as the service account finds them. */
import type { DirectoryConnection } from './directory-connection.ts'
import { matching } from './filters.ts'
import type { Match } from './filters.ts'
import { limits } from './directory-limits.ts'
import { attributesOf, textsOf, valuesOf } from './person-entry.ts'
import type { Entry } from './ldap-responses.ts'
import { assertFound, sizeLimitExceeded } from './result-codes.ts'
import type { GroupSearch } from './settings.ts'

export interface Groups {
  /** In the order of the alphabet. */
  readonly names: readonly string[]
  /** Whether the person has more groups than are read. */
  readonly areCut: boolean
}

/** @throws DirectoryFailure */
export async function groupsOf(connection: DirectoryConnection, search: GroupSearch, person: Entry): Promise<Groups> {
  const matches = search.userMatchers.flatMap(({ userAttr, groupAttr }) =>
    valuesOf(person, userAttr).map((value): Match => ({ ...groupAttr, value })),
  )
  const names = new Set<string>()
  let areCut = matches.length > limits.groups
  const asked = matches.slice(0, limits.groups)
  for (let at = 0; at < asked.length && names.size < limits.groups; at += limits.matches) {
    const { result, entries } = await connection.search({
      baseDN: search.baseDN,
      scope: search.scope,
      filter: matching(search.filter, asked.slice(at, at + limits.matches)),
      attributes: attributesOf([search.nameAttr]),
      most: limits.groups,
    })
    assertFound(result, 'groupSearch')
    areCut ||= result.code === sizeLimitExceeded
    for (const entry of entries)
      for (const name of textsOf(entry, search.nameAttr).slice(0, 1)) if (!isOfKubernetes(name)) names.add(name)
  }
  areCut ||= names.size > limits.groups
  return { names: [...names].slice(0, limits.groups).toSorted(), areCut }
}

/** Groups of Kubernetes itself (`system:masters`) are not the directory's to give. */
function isOfKubernetes(name: string): boolean {
  return name.startsWith('system:')
}
