/** The annotation on the granted RoleBinding that names its AccessGrants. Pure. */

/** The uids of the AccessGrants that give more than the right to read, as the annotation says. */
export function grantsInForce(annotation: string | undefined): readonly string[] {
  return listIn(annotation)
    .filter(isTold)
    .filter(({ readOnly }) => readOnly !== true)
    .map(({ uid }) => uid)
}

/** The uids of all AccessGrants in the annotation. */
export function grantsTold(annotation: string | undefined): readonly string[] {
  return listIn(annotation)
    .filter(isTold)
    .map(({ uid }) => uid)
}

function isTold(part: unknown): part is { readonly uid: string; readonly readOnly?: unknown } {
  return typeof part === 'object' && part !== null && 'uid' in part && typeof part.uid === 'string'
}

/** A list that was edited into another form says nothing. */
function listIn(annotation: string | undefined): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(annotation ?? '[]')
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
