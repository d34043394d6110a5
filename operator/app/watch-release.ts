/** The row of the watch table for the annotation on the operator's namespace that releases all held deletions. */
import { annotations } from '../api/names.ts'
import { watch } from './operator.ts'
import type { WatchRow } from './operator.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { Sources } from './sources.ts'
import { deletingTerm } from '../domain/caches.ts'
import type { NamespaceView } from '../domain/caches.ts'
import { controllers } from './watch-mappings.ts'

export function releaseRow(
  { namespaces, tenants }: Pick<Sources, 'namespaces' | 'tenants'>,
  operator: string,
): WatchRow {
  const said = (namespace: NamespaceView | undefined) => namespace?.annotations[annotations.releaseDeletion]
  const deleted = () =>
    tenants.cache.by('deleting', deletingTerm).map((tenant) => ({ controller: controllers.tenant, key: keyOf(tenant) }))
  return watch(
    namespaces,
    ({ name }) => (name === operator ? deleted() : []),
    ({ before, after }) => said(before) !== said(after),
    { replay: false },
  )
}
