/** Which AccessGrants the annotation on the granted RoleBinding names. Pure. */

/** The uids of the AccessGrants by which that annotation says that somebody has more than the right to read. */
export function grantsInForce(annotation: string | undefined): readonly string[] {
  return listIn(annotation)
    .filter(isTold)
    .filter(({ readOnly }) => readOnly !== true)
    .map(({ uid }) => uid)
}

/** The uids of all AccessGrants that it names. */
export function grantsTold(annotation: string | undefined): readonly string[] {
  return listIn(annotation)
    .filter(isTold)
    .map(({ uid }) => uid)
}

function isTold(part: unknown): part is { readonly uid: string; readonly readOnly?: unknown } {
  return typeof part === 'object' && part !== null && 'uid' in part && typeof part.uid === 'string'
}

/** What is no list of ours, as somebody has edited it, says nothing. */
function listIn(annotation: string | undefined): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(annotation ?? '[]')
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
