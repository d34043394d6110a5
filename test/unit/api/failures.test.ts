/** The table of failures is whole: each row has a test on real servers, and each error that an action may throw has a row. */
import { readdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import test from 'ava'
import { failures, failureVerdict } from '../../../operator/api/failures.ts'
import type { FailureRow } from '../../../operator/api/failure-row.ts'
import type { FailureName } from '../../../operator/api/failures.ts'
import { sourcePaths } from '../../../scripts/lint/source-paths.ts'

const root = resolve(import.meta.dirname, '../../..')
const rows: readonly (readonly [string, FailureRow])[] = Object.entries(failures)

/** Rows that no test on real servers can bring about at will, each with why, and with where they are shown. */
const elsewhere: Partial<Record<FailureName, string>> = {
  ServerOutdated:
    'PostgreSQL 14 is packaged on npm for Linux on x64 only, and npm ci refuses a lockfile without the others: databaseserver/reconciler.test.ts.',
  PasswordRefused:
    'passwordcheck of contrib refuses of verifiers only that of the role’s name, and no event trigger fires for roles: tenant/status/row-of-failure.test.ts.',
}

const calls = /\b(?:toldAs|isToldAs|toldWithCause)\(.*?, '(\w+)'\)/g

async function rowsTested(): Promise<ReadonlySet<string>> {
  const folders = ['test/integration', 'test/faults'].map((folder) => `${root}/${folder}`)
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((name) => `${folder}/${name}`)),
  )
  const texts = await Promise.all(files.flat().flatMap((path) => (path.endsWith('.ts') ? readFile(path, 'utf8') : [])))
  return new Set(texts.flatMap((text) => [...text.matchAll(calls)].map(([, row = '']) => row)))
}

test('each row has a test on real servers, or says why none can have it', async (t) => {
  const tested = await rowsTested()
  const names = rows.map(([name]) => name)
  t.deepEqual(
    names.filter((name) => !tested.has(name) && !(name in elsewhere)),
    [],
  )
  t.deepEqual(
    Object.keys(elsewhere).filter((name) => tested.has(name)),
    [],
    'these have a test by now',
  )
})

/** Classes of errors that no action of a Tenant throws, each with who does. */
const ofOthers: Readonly<Record<string, string>> = {
  AnotherServer: 'a PostgresError',
  ConfigError: 'the start',
  CredentialUnfit: 'a ReferenceMissing',
  DirectoryFailure: 'the web: a sign-in with LDAP',
  DumpError: 'it becomes DumpFailed',
  Failure: 'the kubectl plugin',
  FilterSyntaxError: 'the start of the web',
  HashingBusy: 'the web',
  InstallationMismatch: 'the start',
  LostLeadership: 'it is nobody’s trouble, and is not told',
  MailError: 'what a mail came to: status.invite of the TenantAdmin',
  MailPausedError: 'a MailError',
  Malformed: 'a DirectoryFailure',
  OutcomeError: 'the web: a sign-in with OIDC',
  PasswordSecretError: 'the web',
  Postponed: 'what is contested, which the contests tell',
  ReportedFailure: 'the reconciler, of an error that has a row',
  SchemaError: 'the generator',
  DumpUnderWay: 'it is no failure',
}

test('each class of errors is told by a row, or is none that an action throws', async (t) => {
  const paths = (await sourcePaths(root)).filter((path) => path.startsWith('operator/'))
  const texts = await Promise.all(paths.map((path) => readFile(`${root}/${path}`, 'utf8')))
  const classes = texts.flatMap((text) =>
    [...text.matchAll(/class (\w+) extends (?:\w*Error|StaleRead|ReferenceMissing)\b/g)].map(([, name = '']) => name),
  )
  const teller = await readFile(`${root}/operator/tenant/status/row-of-failure.ts`, 'utf8')
  t.deepEqual(
    classes.filter((name) => !teller.includes(`instanceof ${name}`) && !(name in ofOthers)),
    [],
  )
})

for (const [name, { sentence, remedy = '' }] of rows)
  test(`what ${name} says is whole sentences without a gap`, (t) => {
    const ofServer = { server: 'PostgreSQL', tls: 'spec.tls', host: 'spec.host', mode: 'require' }
    const ofDump = { again: 'Wait.', or: 'Or not.' }
    const facts = { action: 'the write of X', words: 'No.', name: 'quota', ...ofServer, ...ofDump }
    const { message } = failureVerdict(name as FailureName, facts) // a key of the table
    t.notRegex(message, /[{}]|undefined|\.\.| {2}|^[a-z]/)
    for (const part of [sentence, remedy].filter((each) => each !== '')) t.regex(part, /[.}]$|\}\)$/)
    t.regex(message, /[.)]$/)
  })
