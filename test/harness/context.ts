/** What integration tests import: the servers that are running for them. */
import { randomBytes } from 'node:crypto'
import { harnessAddress } from './address.ts'
import { apiOf } from './api.ts'
import { clusterAt } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import type { Mailbox } from './mail.ts'
import { postgresAt } from './postgres-access.ts'
import type { PostgresAccess } from './postgres-access.ts'
import { mailAt } from './mail-inbox.ts'
import type { MailAddress } from './mail-inbox.ts'
import type { OperatorAddress } from './shared-operator.ts'

export interface Harness {
  readonly cluster: Cluster
  readonly postgres: PostgresAccess
  /** Shared by all tests: wait for a mail to your own recipient, and start a relay of your own for faults. */
  readonly mail: Mailbox & MailAddress
  /** @throws Error when it could not be started; the beginning of the run says why. */
  readonly operator: OperatorAddress
}

/** What a test's context needs to have: AVA's `t`. */
export interface Teardown {
  teardown(clean: () => void | Promise<void>): void
}

let open: Harness | undefined

/** The servers of this run. @throws Error with the way out, when the test was not started by the runner. */
export function harness(): Harness {
  open ??= connect()
  return open
}

function connect(): Harness {
  const address = harnessAddress()
  if (address === undefined) {
    const ways = 'Run it with "npm test -- <file>", or start them with "node test/harness/up.ts" and do what it prints.'
    throw new Error(`This test needs running servers, and TENANTRY_TEST_HARNESS does not say where they are. ${ways}`)
  }
  const { cluster, postgres, mail, operator } = address
  return {
    cluster: clusterAt(cluster),
    postgres: postgresAt(postgres),
    mail: mailAt(mail),
    get operator() {
      if (operator === undefined) throw new Error('The operator that the tests share could not be started.')
      return operator
    },
  }
}

/** A name that no other test has, nor another run against the same cluster: `test-3f9a1c0e`. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`
}

export interface NamespaceOptions {
  readonly prefix?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** A new namespace, which is deleted after the test; the deletion is not waited for. */
export async function testNamespace(
  t: Teardown,
  { prefix = 'test', labels = {} }: NamespaceOptions = {},
): Promise<string> {
  const { cluster } = harness()
  const name = uniqueName(prefix)
  // One that is labelled as a home is deleted only when that is meant; see operator/api/policies/deletion-policies.ts.
  const annotations = { 'tenantry.dev/allow-deletion': name }
  await using api = await apiOf(cluster)
  await api.send('POST', '/api/v1/namespaces', { metadata: { name, labels, annotations } })
  t.teardown(() => removeNamespace(name))
  return name
}

/** Its deletion is not waited for. */
export async function removeNamespace(name: string): Promise<void> {
  await using api = await apiOf(harness().cluster)
  await api.remove(`/api/v1/namespaces/${name}`)
}
