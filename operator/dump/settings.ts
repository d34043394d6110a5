/** The settings of last dumps: where they are kept, and which programs take them. */
import type { S3Settings } from './s3.ts'

export interface DumpConfig {
  /** Undefined: dumps are not kept, so an archive is not purged unless an administrator says that it may go without. */
  readonly target:
    | { readonly kind: 'volume'; readonly folder: string }
    | ({ readonly kind: 's3' } & S3Settings)
    | undefined
  /** Milliseconds that one dump may take, including its restore. */
  readonly timeout: number
  /** Folders with pg_dump and pg_restore. */
  readonly clientFolders: readonly string[]
}
