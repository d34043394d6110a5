/**
 * The table of log lines about effects of the operator and about losses. The code logs these lines by the table only,
 * and docs/reference/log.md is generated from it. Other lines, about the process (start, caches, lease, shutdown), a failed
 * reconcile or a web request, are written where they occur. Pure.
 */

import { info, warn } from './log-line.ts'
import type { LogLine } from './log-line.ts'
import { tenantLines } from './log-lines-tenant.ts'

/** The common fields of a subject's lines; each line on an effect also has its duration, `durationMs`. */
export const subjectFields = {
  Tenant: ['tenant', 'uid', 'why'],
  TenantAdmin: ['admin', 'uid', 'tenant', 'why'],
  AccessGrant: ['grant', 'uid', 'tenant', 'why'],
  DatabaseServer: ['server'],
  Installation: ['why'],
} as const

export type Subject = keyof typeof subjectFields

export const logLines = {
  Tenant: tenantLines,
  TenantAdmin: {
    InviteSent: info('invite handed over', ['sequence', 'messageId'], 'The mail relay accepted an invite.'),
    WarningSent: info(
      'expiry warning handed over',
      ['messageId'],
      'The mail relay accepted the warning that the tenant expires soon.',
    ),
    MailRefused: warn(
      'mail not taken by the relay',
      ['messageId', 'class', 'code'],
      'The mail relay refused or deferred a mail. Written once for each answer to a mail. `class`: `Transient` is temporary, `Permanent` is about the address, `Configuration` is about the installation or the relay. `code`: the reply code of the relay, with the enhanced status code.',
    ),
    AcceptanceCarried: info(
      'acceptance carried over',
      ['sequence'],
      'An invite was accepted, and the status records it.',
    ),
    AcceptanceAdopted: info('acceptance adopted', [], 'The record of an acceptance now belongs to this TenantAdmin.'),
    AcceptanceDeleted: info('acceptance deleted', [], 'The record of an acceptance was deleted with its TenantAdmin.'),
    InviteKeyLost: warn(
      'invite issued anew, its key is gone',
      ['sequence'],
      'The key that signed an invite is missing. Its link no longer works, and Tenantry sends a new invite.',
    ),
  },
  AccessGrant: {
    GrantDeleted: info('access grant deleted', [], 'The AccessGrant of a masquerade that ended long ago was deleted.'),
  },
  DatabaseServer: {
    OtherServerAnswers: warn(
      'another server answers',
      ['message'],
      'A different PostgreSQL server answers than before. Tenantry does nothing there until an administrator accepts it.',
    ),
    OtherServerAccepted: info(
      'another server accepted',
      ['before', 'now'],
      'An administrator accepted the new server. `before` and `now`: the system identifiers of the servers.',
    ),
    ServerSetBack: warn(
      'server set back to an earlier time',
      ['noticedAt', 'seenUntil', 'replayedUntil', 'tenants'],
      'The server was set back, for example by a restore. `tenants`: the tenants whose database no longer exists, because it is newer.',
    ),
  },
  Installation: {
    FormerNameReleased: info(
      'former name released',
      ['claim', 'tenant', 'uid'],
      'The alias of a deleted Tenant with retained data has ended, and the name is free.',
    ),
    RecordsMoved: info(
      'records moved to the namespace of the pages',
      ['count', 'namespace'],
      'After an upgrade: acceptances and signing keys left the namespace of the operator.',
    ),
    SigningKeyMade: info(
      'signing key made',
      ['keyId'],
      'There was no key, as at the first start, or a rotation was requested.',
    ),
    SigningKeysLost: warn(
      'signing keys made anew, pending invites go out again',
      ['keyId', 'invites'],
      'The Secret with the signing keys, or its current key, was missing. `invites`: the number of pending invites.',
    ),
  },
} as const satisfies Readonly<Record<Subject, Readonly<Record<string, LogLine>>>>

export type TenantLine = keyof (typeof logLines)['Tenant']

/** A logger, as far as these lines need one. */
export interface LineWriter {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
}

type Lines<S extends Subject> = (typeof logLines)[S]
type Name<S extends Subject> = keyof Lines<S> & string
type FieldNames<Line> = Line extends { readonly fields: readonly (infer Field extends string)[] } ? Field : never

/** A line's own fields, beside the common fields of its subject. */
export type OwnFields<S extends Subject, L extends Name<S>> = Readonly<Record<FieldNames<Lines<S>[L]>, unknown>>
export type CommonFields<S extends Subject> = Readonly<Record<(typeof subjectFields)[S][number], unknown>>

/** A line about a Tenant with its own fields. */
export interface WrittenLine {
  readonly line: TenantLine
  readonly fields: Readonly<Record<string, unknown>>
}

export function logLine<L extends TenantLine>(line: L, fields: OwnFields<'Tenant', L>): WrittenLine {
  return { line, fields }
}

export function writeLineOf(
  log: LineWriter,
  common: CommonFields<'Tenant'> & { readonly durationMs?: number },
  { line, fields }: WrittenLine,
): void {
  write(log, logLines.Tenant[line], { ...common, ...fields })
}

/** Writes one of the lines; a field that is undefined is left out. */
export function writeLine<S extends Subject, L extends Name<S>>(
  log: LineWriter,
  subject: S,
  name: L,
  fields: CommonFields<S> & OwnFields<S, L> & { readonly durationMs?: number },
): void {
  const lines: Readonly<Record<string, LogLine>> = logLines[subject]
  const line = lines[name]
  if (line !== undefined) write(log, line, fields)
}

function write(log: LineWriter, { level, message }: LogLine, fields: Readonly<Record<string, unknown>>): void {
  log[level](message, fields)
}
