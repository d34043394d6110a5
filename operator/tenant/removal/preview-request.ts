/**
 * The request for a preview of the deletion: an annotation, answered once for each value. What is read for the answer:
 * observe/deletion-preview-facts.ts; the answer: deletion-preview.ts. Pure.
 */
import { annotations } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'

/** The length of a value that fits into the status. */
const longest = 256

/** Undefined without a request, and while the Tenant is being deleted already. */
export function previewRequest({ metadata }: Tenant): string | undefined {
  const asked = metadata.annotations?.[annotations.previewDeletion]
  if (asked === undefined || asked === '' || metadata.deletionTimestamp !== undefined) return undefined
  return asked.slice(0, longest)
}

/** Undefined also after the answer. */
export function openPreviewRequest(tenant: Tenant): string | undefined {
  const request = previewRequest(tenant)
  return request === tenant.status?.deletionPreview?.request ? undefined : request
}
