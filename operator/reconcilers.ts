/** Each reconciler with its ports and settings, as the loop registers it. */
import type { Config } from './config.ts'
import { createAccessGrantReconciler } from './accessgrant/reconciler.ts'
import { Catalogues } from './databaseserver/catalogue.ts'
import { createDatabaseServerReconciler } from './databaseserver/reconciler.ts'
import type { ServerPool } from './databaseserver/server-pool.ts'
import type { Kube } from './kube/port.ts'
import type { GuardedMailer } from './mail/breaker.ts'
import type { InviteTemplates } from './mail/message.ts'
import type { Clock, Random } from './runtime/clock.ts'
import type { ControllerSpec } from './runtime/controller.ts'
import type { EventRecorder } from './runtime/events.ts'
import type { Logger } from './runtime/log.ts'
import type { Key } from './runtime/reconcile.ts'
import type { Sources } from './sources.ts'
import { createTenantReconciler } from './tenant/reconciler.ts'
import type { TenantSettings } from './tenant/settings.ts'
import { createTenantAdminReconciler } from './tenantadmin/reconciler.ts'
import { defaultRetry } from './tenantadmin/settings.ts'
import type { TenantAdminSettings } from './tenantadmin/settings.ts'
import { createSigningKeysReconciler } from './tenantadmin/signing-keys.ts'
import type { ReadKeys } from './tenantadmin/signing-keys.ts'
import { createTenantPlanReconciler } from './tenantplan/reconciler.ts'
import { controllers } from './watches.ts'

/** What the reconcilers are given. Every writing port is fenced already. */
export interface ReconcilerPorts {
  readonly sources: Sources
  readonly kube: Kube
  readonly servers: ServerPool
  readonly mailer: GuardedMailer
  readonly templates: InviteTemplates
  readonly keys: ReadKeys
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly wakeTenant: (key: Key) => void
}

/** Milliseconds after which what stands in the way is looked at again although nothing was heard of it. */
const patience = 30_000
/** Milliseconds between two looks at a server that is not well. */
const serverRetry = 5_000

export function createReconcilers(ports: ReconcilerPorts, config: Config, installation: string): ControllerSpec[] {
  const { sources, kube, clock, random, log, servers, events } = ports
  const catalogue = new Catalogues({ clock, connect: servers.connect })
  const withAuthority = {
    look: catalogue.look,
    lookLive: catalogue.lookLive,
    doubt: catalogue.doubt,
    settle: catalogue.settle,
    authority: servers.authority,
  }
  const caches = {
    tenants: sources.tenants.cache,
    admins: sources.admins.cache,
    plans: sources.plans.cache,
    servers: sources.servers.cache,
    grants: sources.grants.cache,
    namespaces: sources.namespaces.cache,
    claims: sources.claims.cache,
    acceptances: sources.acceptances.cache,
    children: {
      Secret: sources.children.Secret.cache,
      RoleBinding: sources.children.RoleBinding.cache,
      NetworkPolicy: sources.children.NetworkPolicy.cache,
      LimitRange: sources.children.LimitRange.cache,
      ResourceQuota: sources.children.ResourceQuota.cache,
    },
  }
  const { concurrency } = config
  const keysSettings = { operatorNamespace: config.namespace, installation, inviteLifetime: config.invite.lifetime }
  return [
    {
      name: controllers.tenant,
      concurrency,
      reconcile: createTenantReconciler(
        { caches, kube, clock, random, log, servers, catalogue: withAuthority },
        tenantSettings(config, installation),
      ),
    },
    {
      name: controllers.admin,
      concurrency,
      reconcile: createTenantAdminReconciler(
        { caches, kube, keys: ports.keys, mailer: ports.mailer, templates: ports.templates, events, clock, random },
        tenantAdminSettings(config, installation),
      ),
    },
    {
      name: controllers.server,
      reconcile: createDatabaseServerReconciler(
        { caches, kube, clock, pool: servers, catalogues: catalogue, wakeTenant: ports.wakeTenant },
        { catalogueInterval: config.catalogueInterval, retryInterval: Math.min(serverRetry, config.catalogueInterval) },
      ),
    },
    {
      name: controllers.plan,
      reconcile: createTenantPlanReconciler({ caches, kube, clock }, { bindableRoles: config.bindableRoles }),
    },
    { name: controllers.grant, reconcile: createAccessGrantReconciler({ caches, kube, clock }) },
    {
      name: controllers.keys,
      concurrency: 1,
      reconcile: createSigningKeysReconciler({ kube, clock, random }, keysSettings),
    },
  ]
}

function tenantSettings(config: Config, installation: string): TenantSettings {
  const { namespace, namespacePrefix, baseDomain, userPrefix, reservedSubdomains, bindableRoles, dnsNamespaces } =
    config
  return {
    operatorNamespace: namespace,
    installation,
    namespacePrefix,
    baseDomain,
    urlScheme: config.tenantUrlScheme,
    userPrefix,
    reservedSubdomains,
    bindableRoles,
    dnsNamespaces,
    adminClusterRoles: {
      Customer: `${config.clusterRolePrefix}-tenant-admin`,
      MSP: `${config.clusterRolePrefix}-msp-admin`,
    },
    probeInterval: config.probeInterval,
    patience,
  }
}

function tenantAdminSettings(config: Config, installation: string): TenantAdminSettings {
  return {
    operatorNamespace: config.namespace,
    installation,
    publicUrl: config.publicUrl,
    inviteLifetime: config.invite.lifetime,
    userPrefix: config.userPrefix,
    productName: config.smtp?.from.name ?? 'Tenantry',
    mailDomain: config.smtp?.from.address.split('@')[1] ?? config.baseDomain,
    retry: defaultRetry,
  }
}
