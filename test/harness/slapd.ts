import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'ldapts'
import type { Change } from 'ldapts'
import type { Progress } from './binaries.ts'
import { createAuthority } from './certificate.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { startProcess } from './process.ts'
import type { ServerProcess } from './process.ts'
import { ensureScripted } from './script-build.ts'
import { eventually } from './wait.ts'

/** The entry under which all others are. */
export const suffix = 'dc=example,dc=com'

/** The account that may read people and groups, and no password. */
export const serviceAccount = { dn: `cn=tenantry,${suffix}`, password: 'the service account' }

const root = { dn: `cn=root,${suffix}`, password: 'all rights' }

export interface SlapdOptions {
  /** The entries in LDIF, beside the suffix and the service account. */
  readonly ldif?: string
  /** More lines of slapd.conf, for the database. */
  readonly settings?: readonly string[]
  readonly onProgress?: Progress
}

/** An OpenLDAP server with TLS, of people and groups. */
export interface Slapd extends AsyncDisposable {
  readonly host: string
  /** For LDAP without TLS, and with StartTLS. */
  readonly port: number
  /** For LDAP over TLS. */
  readonly securePort: number
  /** PEM of the authority that signed its certificate. */
  readonly ca: string
  /** The process that runs now. */
  server(): ServerProcess
  /** With all rights. */
  modify(dn: string, changes: Change | Change[]): Promise<void>
  /** Starts it again after a stop, on the same ports and with the same data. */
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts Debian's slapd on two free ports of the loopback. Its packages are fetched first where they are missing, and unpacked into
 * the cache: nothing is installed. It lives no longer than the calling process.
 */
export async function startSlapd({
  ldif = '',
  settings = [],
  onProgress = () => undefined,
}: SlapdOptions = {}): Promise<Slapd> {
  const files = await slapdFiles(onProgress)
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder('slapd')
  stack.defer(() => folder.remove())
  const [port, securePort] = [await freePort(), await freePort()]
  const ca = await writeFiles(folder.path, files, settings, ldif)
  const file = ['-f', join(folder.path, 'slapd.conf')]
  const command = join(files, 'usr', 'sbin', 'slapd')
  const env = { PATH: process.env['PATH'], LD_LIBRARY_PATH: (await libraryFolders(files)).join(':') }
  await promisify(execFile)(command, ['-Tadd', ...file, '-l', join(folder.path, 'seed.ldif')], { env })
  let server: ServerProcess | undefined
  const start = async (): Promise<void> => {
    const urls = `ldap://127.0.0.1:${port}/ ldaps://127.0.0.1:${securePort}/`
    // With -d it stays in the foreground.
    const args = ['-d', '0', ...file, '-h', urls]
    const logPath = join(folder.path, 'slapd.log')
    const started = await startProcess({ name: 'slapd', command, args, logPath, env })
    server = started
    await eventually(() => answers(started, { securePort, ca }), { describe: 'slapd to answer' })
  }
  const stop = async (): Promise<void> => server?.stop()
  stack.defer(stop)
  await start()
  const started = stack.move()
  return {
    host: 'localhost',
    port,
    securePort,
    ca,
    server: () => server ?? missing(),
    modify: (dn, changes) => withRights({ securePort, ca }, (client) => client.modify(dn, changes)),
    start,
    stop,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** The folder with the unpacked packages: TENANTRY_TEST_SLAPD (`/` for an installed Debian package), or one in the cache. */
export function slapdFiles(progress: Progress): Promise<string> {
  const named = process.env['TENANTRY_TEST_SLAPD']
  if (named) return Promise.resolve(named)
  const hint =
    "The tests of LDAP fetch Debian's slapd with apt-get: have Debian or a system like it, or name the root of a file system with its package in TENANTRY_TEST_SLAPD."
  const script = join(import.meta.dirname, 'slapd', 'fetch.sh')
  return ensureScripted({ name: 'slapd', script, doing: 'fetching slapd with apt-get', hint }, progress)
}

/** Of the packages that were unpacked with it, `/usr/lib/<machine>`. */
async function libraryFolders(files: string): Promise<readonly string[]> {
  const below = join(files, 'usr', 'lib')
  const names = await readdir(below)
  return names.filter((name) => name.includes('-linux-')).map((name) => join(below, name))
}

/** @returns the PEM of the authority. */
async function writeFiles(folder: string, files: string, settings: readonly string[], ldif: string): Promise<string> {
  const authority = createAuthority('Tenantry test LDAP')
  const { certificate, key } = authority.issue('slapd', ['localhost'])
  const put = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content, { mode: 0o600 })
  await mkdir(join(folder, 'data'))
  await put('ca.crt', authority.certificate)
  await put('tls.crt', certificate)
  await put('tls.key', key)
  await put('seed.ldif', `${seed}\n${ldif}\n`)
  await put('slapd.conf', `${configuration(folder, files, settings).join('\n')}\n`)
  return authority.certificate
}

function configuration(folder: string, files: string, settings: readonly string[]): readonly string[] {
  const schemas = ['core', 'cosine', 'inetorgperson', 'nis']
  return [
    ...schemas.map((name) => `include ${join(files, 'etc', 'ldap', 'schema', `${name}.schema`)}`),
    `modulepath ${join(files, 'usr', 'lib', 'ldap')}`,
    ...['back_mdb', 'memberof', 'ppolicy'].map((name) => `moduleload ${name}`),
    `TLSCACertificateFile ${join(folder, 'ca.crt')}`,
    `TLSCertificateFile ${join(folder, 'tls.crt')}`,
    `TLSCertificateKeyFile ${join(folder, 'tls.key')}`,
    // The traps of RFC 4513, section 5.1: a bind without a DN or without a password succeeds.
    'allow bind_anon_cred bind_anon_dn',
    'database mdb',
    `suffix "${suffix}"`,
    `rootdn "${root.dn}"`,
    `rootpw "${root.password}"`,
    `directory ${join(folder, 'data')}`,
    'maxsize 67108864',
    'overlay memberof',
    'overlay ppolicy',
    `ppolicy_default "cn=policy,${suffix}"`,
    'ppolicy_use_lockout',
    ...settings,
    'access to attrs=userPassword by anonymous auth by * none',
    `access to * by dn.exact="${serviceAccount.dn}" read by * auth`,
  ]
}

const seed = `dn: ${suffix}
objectClass: domain
dc: example

dn: cn=policy,${suffix}
objectClass: person
objectClass: pwdPolicy
cn: policy
sn: policy
pwdAttribute: userPassword
pwdLockout: TRUE

dn: ${serviceAccount.dn}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: tenantry
userPassword: ${serviceAccount.password}
`

/** By TLS: a server may demand it. */
async function withRights<T>(
  { securePort, ca }: Pick<Slapd, 'securePort' | 'ca'>,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const url = `ldaps://localhost:${securePort}`
  const client = new Client({ url, timeout: 10_000, connectTimeout: 5_000, tlsOptions: { ca } })
  try {
    await client.bind(root.dn, root.password)
    return await work(client)
  } finally {
    await client.unbind()
  }
}

async function answers(server: ServerProcess, at: Pick<Slapd, 'securePort' | 'ca'>): Promise<boolean> {
  server.assertAlive()
  await withRights(at, () => Promise.resolve())
  return true
}

function missing(): never {
  throw new Error('slapd has not been started.')
}
