/** The sources that the pages watch: who the tenants and their people are, and the sessions. */
import { accessGrants } from '../api/accessgrant.ts'
import { rootSecretName, sessionSecretType } from '../api/names.ts'
import { tenantAdmins } from '../api/tenantadmin.ts'
import { tenants } from '../api/tenant.ts'
import type { WebConfig } from '../config/web-config.ts'
import { accessGrantIndexes } from '../domain/access-grant-indexes.ts'
import { secrets } from '../kube/resources.ts'
import { Source } from '../runtime/cache/reflector.ts'
import type { SourcePorts } from '../runtime/cache/source-ports.ts'
import { keyOf, withoutNoise } from '../runtime/objects/object.ts'
import { peopleAdminIndexes, peopleTenantIndexes } from '../web/identity/memberships.ts'
import { sessionIndexes } from '../web/sessions/session-indexes.ts'
import { sessionOf } from '../web/sessions/session-secret.ts'

export type PagesSources = ReturnType<typeof createPagesSources>

export function createPagesSources(
  ports: SourcePorts,
  { webNamespace: namespace, userPrefix }: Pick<WebConfig, 'webNamespace' | 'userPrefix'>,
) {
  return {
    tenants: new Source({ resource: tenants, project: withoutNoise, indexes: peopleTenantIndexes }, ports),
    admins: new Source(
      { resource: tenantAdmins, project: withoutNoise, indexes: peopleAdminIndexes(userPrefix) },
      ports,
    ),
    grants: new Source({ resource: accessGrants, project: withoutNoise, indexes: accessGrantIndexes }, ports),
    sessions: new Source(
      {
        resource: secrets,
        project: sessionOf,
        indexes: sessionIndexes,
        namespace,
        fieldSelector: `type=${sessionSecretType}`,
      },
      ports,
    ),
    root: new Source(
      { resource: secrets, project: keyOf, namespace, fieldSelector: `metadata.name=${rootSecretName}` },
      ports,
    ),
  }
}
