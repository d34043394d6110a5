/** PostgreSQL's log: its entries, and the operators' statements among them, with `log_statement: 'all'`. */

/** An entry goes on in lines that begin with a tab. */
export function entriesOf(log: string): string[] {
  return log.split(/\n(?!\t)/)
}

export interface LoggedStatement {
  readonly at: number
  readonly application: string
  /** All lines of it. */
  readonly text: string
}

/** `time [pid] user@database application LOG: …` (`log_line_prefix`). */
const statement = /^(\S+ \S+) UTC \[\d+\] tenantry@\S+ (tenantry\/\S+) LOG: {2}(?:statement|execute [^:]*): (.*)$/s

/** The statements of operators. */
export function statementsIn(log: string): LoggedStatement[] {
  return entriesOf(log).flatMap((entry) => {
    const [, time, application = '', text = ''] = statement.exec(entry) ?? []
    if (time === undefined) return []
    return [{ at: Date.parse(`${time.replace(' ', 'T')}Z`), application, text: text.replaceAll('\n\t', '\n').trim() }]
  })
}

/** What a SELECT may call that changes something. The operator calls the first. */
const withEffect = /\b(pg_terminate_backend|pg_cancel_backend|pg_(?:try_)?advisory_\w+|pg_drop_\w+|setval|nextval)\(/

/**
 * The operator reads by one SELECT at a time, without a transaction of its own and without a SET. Several statements
 * together are a write.
 */
export function onlyReads(text: string): boolean {
  return /^\s*SELECT\b/.test(text) && !text.includes(';') && !withEffect.test(text)
}
