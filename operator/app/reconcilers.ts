/** Each reconciler with its ports and settings, as the loop registers it. */
import { accessGrants } from '../api/accessgrant.ts'
import { databaseServers } from '../api/databaseserver.ts'
import { tenants as tenantKind } from '../api/tenant.ts'
import { tenantAdmins } from '../api/tenantadmin.ts'
import { tenantPlans } from '../api/tenantplan.ts'
import type { Config } from '../config/config.ts'
import { createClaimReconciler } from '../nameclaim/reconciler.ts'
import { createAccessGrantReconciler } from '../accessgrant/reconciler.ts'
import { Catalogues } from '../databaseserver/catalogue-cache.ts'
import { judgeByTenants } from '../databaseserver/placed.ts'
import { LastLooks } from '../databaseserver/progress.ts'
import { createDatabaseServerReconciler } from '../databaseserver/reconciler.ts'
import type { ServerPool } from '../databaseserver/server-pool.ts'
import { Waiting } from '../databaseserver/waiting.ts'
import type { DumpJobs } from '../dump/jobs.ts'
import type { DumpRehearsals } from '../dump/rehearsals.ts'
import type { CountContents } from '../kube/namespace-contents.ts'
import type { Kube } from '../kube/port.ts'
import type { GuardedMailer } from '../mail/breaker.ts'
import type { MailTemplates } from '../mail/templates.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { ControllerSpec } from '../runtime/controller/controller.ts'
import type { RecordsEvents } from '../api/events.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { Pace } from '../runtime/base/pace.ts'
import type { StatusGuard } from '../runtime/controller/status-guard.ts'
import type { Caches } from './sources.ts'
import { accessGrantSettings, tenantAdminSettings, tenantPlanSettings, tenantSettings } from './settings.ts'
import type { Found } from './settings.ts'
import { createFormerRecordReconciler } from './former-records.ts'
import { reportingFailures } from './told-failures.ts'
import type { FailingKind } from './told-failures.ts'
import { createLicenseReader } from '../tenant/lifecycle/license-reader.ts'
import type { Repairable } from '../tenant/report/repairs.ts'
import { createTenantReconciler } from '../tenant/reconciler.ts'
import { createTenantAdminReconciler } from '../tenantadmin/reconciler.ts'
import { createSigningKeysReconciler } from '../tenantadmin/invite/signing-keys.ts'
import type { ReadKeys } from '../tenantadmin/invite/signing-keys.ts'
import { createTenantPlanReconciler } from '../tenantplan/reconciler.ts'
import { controllers } from './watch-mappings.ts'

/** The ports of the reconcilers. Every writing port is fenced already. */
export interface ReconcilerPorts {
  readonly caches: Caches
  readonly kube: Kube
  readonly statusGuard: Pick<StatusGuard, 'slowing'>
  readonly contents: CountContents
  readonly servers: ServerPool
  readonly mailer: GuardedMailer
  readonly dumps: DumpJobs | undefined
  readonly rehearsals: DumpRehearsals | undefined
  readonly templates: MailTemplates
  readonly keys: ReadKeys
  readonly events: RecordsEvents
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** The pace at which tenants follow an edit of their plan. */
  readonly pace: Pace
  readonly countRepair: (what: Repairable) => void
  readonly wakeTenant: (uid: string) => void
  readonly wakeServer: (server: string, after: number) => void
}

/** Milliseconds between two looks at an unhealthy server, at most. */
const serverRetry = 5_000

export function createReconcilers(ports: ReconcilerPorts, config: Config, found: Found): ControllerSpec[] {
  const kinds = kindsOf(ports.caches)
  return specsOf(ports, config, found).map((spec) => {
    const kind = kinds[spec.name]
    if (kind === undefined) return spec
    return { ...spec, reconcile: ports.statusGuard.slowing(kind.cache, reportingFailures(kind, spec.reconcile, ports)) }
  })
}

/**
 * The kinds with a status. The others are a ConfigMap, the claim of a name whose Tenant is gone or has another name, and
 * the Secret with the signing keys: their failures are told in the log.
 */
function kindsOf({ tenants, admins, servers, plans, grants }: Caches): Readonly<Record<string, FailingKind>> {
  return {
    [controllers.tenant]: { resource: tenantKind, cache: tenants, isSeen: true },
    [controllers.admin]: { resource: tenantAdmins, cache: admins, isSeen: true },
    [controllers.server]: { resource: databaseServers, cache: servers, isSeen: false },
    [controllers.plan]: { resource: tenantPlans, cache: plans, isSeen: false },
    [controllers.grant]: { resource: accessGrants, cache: grants, isSeen: true },
  }
}

function specsOf(ports: ReconcilerPorts, config: Config, found: Found): ControllerSpec[] {
  const { caches, kube, servers } = ports
  const catalogues = cataloguesOf(ports, config)
  const license = createLicenseReader({ licenses: caches.licenses, kube, publicKeys: config.licenseKeys })
  const { concurrency, catalogueInterval } = config
  const retryInterval = Math.min(serverRetry, catalogueInterval)
  const waiting = new Waiting(ports, retryInterval)
  const { look, lookLive, measure, surveyOf, awaitReturn, forgetTenant, boundSize, invalidate } = catalogues
  const assume: typeof catalogues.assume = (server, target) => {
    waiting.used(server)
    catalogues.assume(server, target)
  }
  const { authority } = servers
  const looks = { look, lookLive, measure, surveyOf, authority, awaitReturn }
  const catalogue = { ...looks, invalidate, assume, forgetTenant, boundSize, missed: waiting.missed }
  const serverSettings = { catalogueInterval, retryInterval }
  return [
    {
      name: controllers.tenant,
      concurrency,
      reconcile: createTenantReconciler({ ...ports, catalogue, license }, tenantSettings(config, found)),
    },
    {
      name: controllers.admin,
      concurrency,
      reconcile: createTenantAdminReconciler(ports, tenantAdminSettings(config, found.installation)),
    },
    {
      name: controllers.server,
      reconcile: createDatabaseServerReconciler(
        { ...ports, pool: servers, catalogues, waiting, lastLooks: new LastLooks() },
        serverSettings,
      ),
    },
    { name: controllers.plan, reconcile: createTenantPlanReconciler(ports, tenantPlanSettings(config, found)) },
    { name: controllers.grant, reconcile: createAccessGrantReconciler(ports, accessGrantSettings(config)) },
    ...recordSpecs(ports, config, found),
  ]
}

/** For Tenantry's own records, which have no status. */
function recordSpecs(
  ports: ReconcilerPorts,
  { webNamespace, invite }: Config,
  { installation }: Found,
): ControllerSpec[] {
  const keys = { webNamespace, installation, inviteLifetime: invite.lifetime }
  return [
    { name: controllers.claim, reconcile: createClaimReconciler(ports) },
    { name: controllers.formerRecords, reconcile: createFormerRecordReconciler(ports, webNamespace) },
    { name: controllers.keys, reconcile: createSigningKeysReconciler(ports, keys) },
  ]
}

function cataloguesOf({ caches, clock, random, servers }: ReconcilerPorts, { sizeInterval }: Config): Catalogues {
  const sizes = { interval: sizeInterval, random }
  return new Catalogues({ clock, connect: servers.connect, sizes, judge: judgeByTenants(caches) })
}
