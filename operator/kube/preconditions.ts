/** The object as it was read, as the precondition of a write. */
import type { KubeObject } from './port.ts'

export function preconditionsOf({ metadata }: KubeObject): { readonly uid: string; readonly resourceVersion: string } {
  return { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' }
}

/** A merge patch that holds only for the object as it was read. */
export function withPrecondition(
  read: KubeObject,
  patch: { readonly metadata?: object; readonly [key: string]: unknown },
): object {
  return { ...patch, metadata: { ...patch.metadata, ...preconditionsOf(read) } }
}
