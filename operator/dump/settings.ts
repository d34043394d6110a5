/** Where last dumps are kept, and with which programs they are taken. */
import type { S3Settings } from './s3.ts'

export interface DumpConfig {
  /** Undefined: dumps are kept nowhere, so an archive is not purged unless somebody says that it may go without. */
  readonly target:
    | { readonly kind: 'volume'; readonly folder: string }
    | ({ readonly kind: 's3' } & S3Settings)
    | undefined
  /** Milliseconds that one dump may take, with its restoring. */
  readonly timeout: number
  /** Folders with pg_dump and pg_restore. */
  readonly clientFolders: readonly string[]
}
