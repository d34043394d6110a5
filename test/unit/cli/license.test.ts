/** The plugin as a person or a script calls it: a process, its output, its exit code. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import type { ExecutionContext } from 'ava'

import { commands } from '../../../operator/cli/commands.ts'
import { parse } from '../../../operator/cli/parse.ts'
import { readPublicKeys } from '../../../operator/license/public-keys.ts'
import { verifyLicense } from '../../../operator/license/verify.ts'
import { issuer } from '../../licenses.ts'

const program = join(import.meta.dirname, '../../../operator/cli/kubectl-tenantry')

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function call(args: readonly string[], input = ''): Promise<Ran> {
  const child = spawn(program, args, { env: { PATH: process.env['PATH'] }, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}

/** A folder of its own with a pair of keys in it. */
async function desk(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-cli-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const key = join(folder, 'license.key')
  const pub = join(folder, 'license.pub')
  const made = await call(['license', 'keygen', '--private-key', key, '--public-key', pub, '--json'])
  const issue = (...args: readonly string[]) =>
    call(['license', 'issue', '--private-key', key, '--cloud-id', 'acme', '--expires', '2999-12-31', ...args])
  return { folder, key, pub, made, issue }
}

test('the image has it by a name that needs no shell', async (t) => {
  const root = join(import.meta.dirname, '../../..')
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')
  const [, shebang = '', imported = ''] = /printf '%s\\n' '(#![^']+)' "(import [^"]+)"/.exec(dockerfile) ?? []
  t.is(shebang, '#!/nodejs/bin/node')
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-cli-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const named = join(folder, 'kubectl-tenantry')
  // Where the image has the operator, the checkout stands in.
  await writeFile(named, `${shebang}\n${imported.replace('/app/', `${root}/`)}\n`)
  const child = spawn(process.execPath, [named, '--version'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  t.regex(out, /^[0-9]+\.[0-9]+\.[0-9]+\n$/, err)
})

test('keys are made, a license is issued, and it is what the operator takes', async (t) => {
  const { key, pub, made, issue } = await desk(t)
  t.is(made.code, 0)
  t.is((await stat(key)).mode & 0o777, 0o600)
  const pem = await readFile(key, 'utf8')
  t.false(`${made.out}${made.err}`.includes(pem.split('\n')[1] ?? '?'))
  const { code, out, err } = await issue('--customers', '50', '--issuer', 'Example Cloud')
  t.deepEqual([code, err], [0, ''])
  t.is(out.split('\n').length, 2)
  const verification = await verifyLicense(out.trim(), readPublicKeys(await readFile(pub, 'utf8')))
  if (verification.kind !== 'Verified') return t.fail(JSON.stringify(verification))
  const { cloudId, customers, expiresAt, issuer: name, keyId } = verification.license
  t.deepEqual([cloudId, customers, name], ['acme', 50, 'Example Cloud'])
  t.is(new Date(expiresAt).toISOString(), '2999-12-31T23:59:59.000Z')
  t.deepEqual(JSON.parse(made.out), { keyId, privateKey: key, publicKey: pub })
})

test('inspect shows a person a table without colours where there is no terminal, and a program JSON', async (t) => {
  const { pub, issue } = await desk(t)
  const { out: key } = await issue()
  const shown = await call(['license', 'inspect', '-', '--public-key', pub], key)
  t.is(shown.code, 0)
  t.regex(shown.out, /^Cloud ID: +acme\nState: +valid\nSignature: +verified\nExpires: +2999-12-31T23:59:59Z\n/)
  t.false(shown.out.includes('\u001b') || shown.out.includes(key.trim()))
  const json = await call(['license', 'inspect', key.trim(), '-o', 'json'])
  t.is(json.code, 0)
  t.like(JSON.parse(json.out), { cloudId: 'acme', state: 'Valid', signature: 'NotChecked' })
})

test('what is not good ends with 1 and one sentence', async (t) => {
  const { folder, pub, issue } = await desk(t)
  const { out: good } = await issue()
  const other = issuer()
  const others = join(folder, 'other.pub')
  await writeFile(others, other.pem)
  const old = await other.issue({ expiresAt: Date.parse('2020-01-01T00:00:00Z'), issuedAt: 0 })
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['garbage', '--public-key', pub], /^This is not a license key, or it is damaged\.\n$/],
    [[good.trim(), '--public-key', others], /^This license is signed with the key .{43}, which is not among .*\n$/],
    [[`${good.trim().slice(0, -9)}AAAAAAAAA`, '--public-key', pub], /^The signature is invalid: .*\n$/],
    [
      [good.trim(), '--public-key', join(folder, 'nowhere')],
      /nowhere cannot be read: there is no such file or folder\.\n$/,
    ],
    [[good.trim(), '--public-key', join(folder, 'license.key')], /license\.key holds a private key; only .*\.\n$/],
  ]
  for (const [args, sentence] of cases) {
    const { code, out, err } = await call(['license', 'inspect', ...args])
    t.deepEqual([code, out], [1, ''])
    t.regex(err, sentence)
  }
  const expired = await call(['license', 'inspect', old, '--public-key', others])
  t.is(expired.code, 1)
  t.regex(expired.out, /State: +expired/)
})

const least = ['license', 'issue', '--private-key', 'k', '--cloud-id', 'acme']
const unknown: readonly (readonly [readonly string[], string])[] = [
  [['licence'], 'There is no command "licence".'],
  [['license'], '"license" needs one more word.'],
  [['license', 'mint'], 'There is no command "license mint".'],
  [least, '--expires is missing.'],
  [[...least, '--expires', '2999-12-31', 'x'], '"x" is one word too many.'],
  [[...least, '--expires'], "Option '--expires <value>' argument missing."],
  [[...least, '--nonsense'], "Unknown option '--nonsense'."],
  [['license', 'inspect'], '<key|-> is missing.'],
]
for (const [args, sentence] of unknown) {
  test(`not understood: ${args.slice(0, 2).join(' ')} … ${args.at(-1)}: ${sentence}`, (t) => {
    const called = parse(args, commands)
    t.is(called.kind === 'Wrong' ? called.sentence : called.kind, sentence)
  })
}

test('what is called wrongly ends with 2, says what is wrong, and helps', async (t) => {
  const { issue } = await desk(t)
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['--nonsense'], "Unknown option '--nonsense'."],
    [['--expires', '2999-02-30'], '--expires 2999-02-30 is neither a day'],
    [['--expires', 'tomorrow'], '--expires tomorrow is neither a day'],
    [['--expires', '2020-01-01'], '--expires 2020-01-01 is in the past.'],
    [['--not-before', '2999-12-31T23:59:59Z'], '--not-before is not before --expires.'],
    [['--customers', 'many'], '--customers many is not a whole number'],
    [['-o', 'xml'], '--output xml is not known; json is.'],
  ]
  for (const [args, sentence] of cases) {
    const { code, out, err } = await issue(...args)
    t.deepEqual([code, out], [2, ''], args.join(' '))
    t.true(err.startsWith(sentence), err)
    t.notRegex(err, /\n {4}at /)
  }
})

test('a key that is there is never overwritten', async (t) => {
  const { key, pub } = await desk(t)
  const before = await readFile(key, 'utf8')
  const { code, err } = await call(['license', 'keygen', '--private-key', key, '--public-key', `${pub}.2`])
  t.is(code, 1)
  t.regex(err, /exists already, and stays as it is\.\n$/)
  t.is(await readFile(key, 'utf8'), before)
})

test('a private key that is none is refused without a word of what is in it', async (t) => {
  const { folder } = await desk(t)
  const path = join(folder, 'wrong.key')
  await writeFile(path, 'hunter2')
  const { code, err } = await call([
    'license',
    'issue',
    '--private-key',
    path,
    '--cloud-id',
    'acme',
    '--expires',
    '2999-12-31',
  ])
  t.is(code, 1)
  t.regex(err, /holds no private key in PEM/)
  t.notRegex(err, /hunter2/)
})

test('a private key that others can read is used, and remarked upon', async (t) => {
  const { folder } = await desk(t)
  const path = join(folder, 'shared.key')
  const pem = issuer().privateKey.export({ format: 'pem', type: 'pkcs8' })
  await writeFile(path, pem, { mode: 0o644 })
  const { code, err } = await call([
    'license',
    'issue',
    '--private-key',
    path,
    '--cloud-id',
    'acme',
    '--expires',
    '2999-12-31',
  ])
  t.is(code, 0)
  t.regex(err, /^Other users can read .*chmod 600/)
})

test('help for all, for a group and for a command', async (t) => {
  for (const args of [
    [],
    ['--help'],
    ['help'],
    ['license', '--help'],
    ['license', 'issue', '--help'],
    ['help', 'license'],
  ])
    t.is(parse(args, commands).kind, 'Help', args.join(' '))
  t.regex((await call([])).out, /^Usage: kubectl tenantry /)
  t.regex((await call(['license', 'issue', '-h'])).out, /--expires TIME \(required\)/)
  t.regex((await call(['--version'])).out, /^\d+\.\d+\.\d+\n$/)
})
