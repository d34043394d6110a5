/** The manifest beside each dump: its tenant, its content, and that it was restored. Pure. */
import { z } from 'zod'

const count = z.number().int().min(0)

const manifest = z.object({
  installation: z.string(),
  /** `namespace/name` of the Tenant. */
  tenant: z.string(),
  uid: z.string(),
  database: z.string(),
  isolation: z.enum(['Database', 'Schema']),
  /** `server_version_num`, and the version of pg_dump. */
  serverVersion: z.number().int(),
  clientVersion: z.string(),
  format: z.literal('custom'),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  rows: z.record(z.string(), count),
  sequences: z.record(z.string(), z.string().nullable()),
  objects: z.record(z.string(), count),
  takenAt: z.iso.datetime(),
  verifiedAt: z.iso.datetime(),
})

/** Times are RFC 3339. */
export type DumpRecord = Readonly<z.infer<typeof manifest>>

/** The manifest as it is written beside the dump. */
export function formatRecord(record: DumpRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`
}

/** Undefined for any text that is no manifest of this version. */
export function parseRecord(text: string): DumpRecord | undefined {
  try {
    return manifest.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Beside the dump. */
export function manifestPath(path: string): string {
  return `${path}.json`
}
