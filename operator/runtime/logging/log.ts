/**
 * The log port and its adapter: one JSON object per line. Text that looks like a secret is replaced before it is
 * written, by the name of its field and by its shape (credentials in a URI, a bearer token, a JWT), so that a careless
 * caller leaks nothing.
 */
import { pino } from 'pino'

import { scrub, scrubText } from '../base/redact.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Fields beside the message: `controller`, `key`, `error` and whatever else helps. */
export type Fields = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  /** A logger that adds `fields` to each line. */
  with(fields: Fields): Logger
}

export interface LogOptions {
  readonly level: LogLevel
  /** Where lines go; standard output when omitted. */
  readonly destination?: { write(line: string): void }
}

/** JSON lines with `level`, `time` (ISO 8601) and `msg`. Stack traces only at level `debug`. */
export function createLogger(options: LogOptions): Logger {
  const withStack = options.level === 'debug'
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const sink = options.destination === undefined ? pino(settings) : pino(settings, options.destination)
  const build = (bound: Fields): Logger => {
    const line = (level: LogLevel) => (message: string, fields?: Fields) => {
      if (sink.isLevelEnabled(level)) sink[level](printable({ ...bound, ...fields }, withStack), scrubText(message))
    }
    return {
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      with: (fields) => build({ ...bound, ...fields }),
    }
  }
  return build({})
}

/** A logger that writes nothing, for tests and for code that is used as a library. */
export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silent,
}

function printable(fields: Fields, withStack: boolean): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? scrub(describeError(value, withStack)) : scrub(value, name),
    ]),
  )
}

/** An error's name, message and codes, together with its causes; the stack only on request. */
function describeError(error: Error, withStack: boolean, depth = 0): Record<string, unknown> {
  const described: Record<string, unknown> = { name: error.name, message: error.message }
  for (const field of ['reason', 'status', 'code', 'class']) {
    const value: unknown = Reflect.get(error, field)
    if (typeof value === 'string' || typeof value === 'number') described[field] = value
  }
  if (withStack && error.stack !== undefined) described['stack'] = error.stack
  if (error.cause instanceof Error && depth < 3) described['cause'] = describeError(error.cause, withStack, depth + 1)
  return described
}
