/**
 * The action RestoreAcceptances: acceptance records, restored from the directory in the tenant's own database, which
 * only the operator writes. A TenantAdmin with the same username and address then takes over its record.
 */
import { labels } from '../../api/names.ts'
import type { Kube } from '../../kube/port.ts'
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import { secrets } from '../../kube/resources.ts'
import { acceptanceOfEntry, acceptanceSecret, acceptanceView } from '../../domain/acceptance.ts'
import type { RestoreAcceptances } from '../model/action.ts'
import type { DatabaseServers } from './database-action.ts'
import type { ApplyContext } from './apply-context.ts'

export interface AcceptancePorts {
  readonly kube: Kube
  readonly servers: DatabaseServers
}

/** Throws PostgresError or KubeError. A person with a record of that tenant gets no second one. */
export async function restoreAcceptances(
  { server, target, from, at }: RestoreAcceptances,
  { identity, webNamespace: namespace, signal }: ApplyContext,
  { kube, servers }: AcceptancePorts,
): Promise<void> {
  const connection = await servers.connect(server, signal)
  const [entries, recorded] = await Promise.all([
    connection.directory(target, signal),
    recordedFor(from, namespace, kube),
  ])
  const own = entries.filter(({ origin, username }) => origin === 'own' && !recorded.has(username.toLowerCase()))
  const tenant = { tenantUid: from, tenant: identity.tenant }
  const records = own.map((entry) => acceptanceOfEntry(entry, tenant, at))
  for (const record of records)
    await createUnlessThere(kube, secrets, acceptanceSecret(record, namespace, identity.installation))
}

async function recordedFor(uid: string, namespace: string, kube: Kube): Promise<ReadonlySet<string>> {
  const labelSelector = `${labels.component}=acceptance,${labels.tenantUid}=${uid}`
  const found = await kube.list(secrets, { namespace, labelSelector })
  return new Set(found.flatMap((secret) => acceptanceView(secret)?.username?.toLowerCase() ?? []))
}
