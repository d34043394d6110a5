/**
 * The lines that the log has of what the operator did outside itself, and of what was lost. The code writes them by this
 * table only, and docs/reference/log.md is made from it, so that page and log cannot differ. Pure.
 */

import { info, warn } from './log-line.ts'
import type { LogLine } from './log-line.ts'
import { tenantLines } from './log-lines-tenant.ts'

/** What all lines of a subject have; how long it took, `durationMs`, is on each of what the operator did. */
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
    InviteSent: info('invite handed over', ['sequence', 'messageId'], 'The mail relay took an invite.'),
    WarningSent: info(
      'expiry warning handed over',
      ['messageId'],
      'The mail relay took the mail that the tenant will end.',
    ),
    MailRefused: warn(
      'mail not taken by the relay',
      ['messageId', 'class', 'code'],
      'The mail relay refused a mail or put it off. Written once for each answer that a mail gets. `class`: `Permanent` is about the address, `Configuration` about the installation or the relay; `code`: of the relay, with the enhanced status code.',
    ),
    AcceptanceCarried: info('acceptance carried over', ['sequence'], 'An invite was accepted, and the status says so.'),
    AcceptanceAdopted: info(
      'acceptance adopted',
      [],
      'The record that a person had accepted is now of this TenantAdmin.',
    ),
    AcceptanceDeleted: info(
      'acceptance deleted',
      [],
      'The record that a person had accepted is gone with its TenantAdmin.',
    ),
    InviteKeyLost: warn(
      'invite issued anew, its key is gone',
      ['sequence'],
      'The key that signed an invite is gone: its link is dead, and another one goes out.',
    ),
  },
  AccessGrant: {
    GrantDeleted: info('access grant deleted', [], 'The object of a masquerade that was over long ago is gone.'),
  },
  DatabaseServer: {
    OtherServerAnswers: warn(
      'another server answers',
      ['message'],
      'It is not the PostgreSQL server that it was: nothing is done there until a person accepts it.',
    ),
    OtherServerAccepted: info(
      'another server accepted',
      ['before', 'now'],
      'A person accepted it. `before` and `now`: the identifiers of the servers.',
    ),
    ServerSetBack: warn(
      'server set back to an earlier time',
      ['noticedAt', 'seenUntil', 'replayedUntil', 'tenants'],
      'By a restore for instance. `tenants`: whose database is not there any more, as they are younger.',
    ),
  },
  Installation: {
    FormerNameReleased: info(
      'former name released',
      ['claim', 'tenant', 'uid'],
      'The time of a former name is over, whose Tenant was deleted and its data retained.',
    ),
    SigningKeyMade: info(
      'signing key made',
      ['keyId'],
      'There was none, as at the first start, or a rotation was asked for.',
    ),
    SigningKeysLost: warn(
      'signing keys made anew, pending invites go out again',
      ['keyId', 'invites'],
      'The Secret with the signing keys, or its current key, was gone. `invites`: how many were pending.',
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

/** What a line has of its own, beside what all lines of its subject have. */
export type OwnFields<S extends Subject, L extends Name<S>> = Readonly<Record<FieldNames<Lines<S>[L]>, unknown>>
export type CommonFields<S extends Subject> = Readonly<Record<(typeof subjectFields)[S][number], unknown>>

/** A line of a Tenant with the fields of its own. */
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
