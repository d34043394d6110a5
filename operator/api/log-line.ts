/** The type of a row in the tables of log lines. Pure. */

export interface LogLine {
  readonly level: 'info' | 'warn'
  /** `msg` of the line. */
  readonly message: string
  /** Fields beside the common fields of its subject. */
  readonly fields: readonly string[]
  readonly meaning: string
}

export function info<const F extends readonly string[]>(message: string, fields: F, meaning: string) {
  return { level: 'info', message, fields, meaning } as const
}

export function warn<const F extends readonly string[]>(message: string, fields: F, meaning: string) {
  return { level: 'warn', message, fields, meaning } as const
}
