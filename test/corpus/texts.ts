/** Strings at the border of what each kind of field takes, the same in every run. */
import { fc } from '../random.ts'
import type { Sketch } from './cases.ts'

export interface TextField {
  readonly path: string
  /** One string of each slot makes a text: characters and pieces that the field's pattern tells apart. */
  readonly slots: readonly (readonly string[])[]
  readonly sketch: (value: string) => Sketch
}

const tenant =
  (field: string) =>
  (value: string): Sketch => ({
    kind: 'Tenant',
    spec: { displayName: 'Acme', cloudId: 'acme', subdomain: 'acme', [field]: value },
  })

const admin =
  (field: string) =>
  (value: string): Sketch => ({
    kind: 'TenantAdmin',
    spec: { username: 'jane', email: 'jane@example.com', [field]: value },
  })

const six = (...pieces: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: 6 }, () => ['', ...pieces])

const word = ['a', 'z', 'A', '0', '9', '-', '.', '_', ' ']

export const textFields: readonly TextField[] = [
  {
    path: 'Tenant displayName',
    slots: six(...word, '\n', '\t', '\u007f', '\u00a0', '\u2028', 'é', '日', '\u{1f600}'),
    sketch: tenant('displayName'),
  },
  { path: 'Tenant cloudId', slots: six(...word), sketch: tenant('cloudId') },
  {
    path: 'Tenant subdomain',
    slots: [
      ['a', 'z', 'A', '0', '-', ''],
      ['b', '9', '-', '.', 'é', ''],
      ['c', '12345678', '123456789', '_', ''],
    ],
    sketch: tenant('subdomain'),
  },
  { path: 'Tenant plan', slots: six(...word), sketch: tenant('plan') },
  {
    path: 'Tenant expiresAt',
    slots: [
      ['2030-01-01', '2030-02-29', '2028-02-29', '2030-1-1'],
      ['T', ' ', ''],
      ['00:00:00', '23:59:60', '24:00:00', '12:30', '12:30:00.5', ''],
      ['Z', '+02:00', '-11:30', '+0200', ''],
    ],
    sketch: tenant('expiresAt'),
  },
  {
    path: 'Tenant archive.retention',
    slots: [
      ['1', '0', '30', '99999', '100000', ''],
      ['d', 'h', 'w', ''],
      ['1', '05', '-2', ''],
      ['h', 'm', 'ms', ''],
      ['7', ' ', ''],
      ['s', 'S', ''],
    ],
    sketch: (retention) => ({
      kind: 'Tenant',
      spec: { displayName: 'Acme', subdomain: 'acme', archive: { retention } },
    }),
  },
  {
    path: 'TenantAdmin username',
    slots: six(...word, '@', '+', '=', ',', ':', '#', '|', '/', '\\', '"', 'é'),
    sketch: admin('username'),
  },
  {
    path: 'TenantAdmin email',
    slots: [
      ['jane', "o'doe", 'a.b', 'a..b', '.a', '', '`{x}`', 'jane+x', '"jane"', 'jane doe', 'é'],
      ['@', '@@', '@', ''],
      ['example', 'mail.example', '-example', 'exa_mple', 'é', '', '1'],
      ['.com', '.com.', '.c', '', '\n', '.com>', '.-com'],
    ],
    sketch: admin('email'),
  },
  { path: 'TenantAdmin user', slots: six(...word, 'https://', '#', '\n', '\u00a0', 'é'), sketch: admin('user') },
]

/** About a hundred strings. */
export function textsFor({ slots }: TextField): readonly string[] {
  const strings = fc.tuple(...slots.map((slot) => fc.constantFrom(...slot))).map((parts) => parts.join(''))
  return [...new Set(fc.sample(strings, { seed: 20_260_101, numRuns: 120 }))].filter((each) => each !== '')
}
