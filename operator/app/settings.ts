/** The settings of each reconciler, from the configuration. Pure. */
import type { AccessGrantSettings } from '../accessgrant/terms/settings.ts'
import type { Config } from '../config/config.ts'
import { defaultMailPace } from '../mail/mail-pace.ts'
import type { TenantSettings } from '../tenant/model/settings.ts'
import type { TenantPlanSettings } from '../tenantplan/reconciler.ts'
import { defaultRetry, defaultSlowRetry } from '../tenantadmin/invite/settings.ts'
import type { TenantAdminSettings } from '../tenantadmin/invite/settings.ts'

/** Milliseconds after which a blocker is looked at again without an event. */
const retryInterval = 30_000

/** `TenantSettings.pollInterval`, in milliseconds. */
const pollInterval = 1_000

/** What is read from the cluster at the start. */
export interface Found {
  /** The id of this installation. */
  readonly installation: string
  /** Milliseconds since the epoch: from then on Kubernetes counts Tenantry's own kinds. */
  readonly ownKindsCountedFrom: number
}

export function tenantSettings(config: Config, { installation, ownKindsCountedFrom }: Found): TenantSettings {
  const { namespace, webNamespace, namespacePrefix, baseDomain, userPrefix, reservedSubdomains, bindableRoles, dns } =
    config
  return {
    operatorNamespace: namespace,
    webNamespace,
    installation,
    namespacePrefix,
    baseDomain,
    pagesHost: new URL(config.publicUrl).hostname,
    urlScheme: config.tenantUrlScheme,
    userPrefix,
    reservedSubdomains,
    bindableRoles,
    dns,
    rolesWithoutSecrets: [`${config.clusterRolePrefix}-tenant-viewer`],
    // The chart gives the ServiceAccount the name that its roles begin with.
    lister: { serviceAccount: config.clusterRolePrefix, clusterRole: `${config.clusterRolePrefix}-tenant-viewer` },
    adminClusterRoles: {
      Customer: `${config.clusterRolePrefix}-tenant-admin`,
      MSP: `${config.clusterRolePrefix}-msp-admin`,
    },
    grantedClusterRole: `${config.clusterRolePrefix}-tenant-granted`,
    ...rolesWhileSuspended(config.clusterRolePrefix),
    probeInterval: config.probeInterval,
    evictionTimeout: config.evictionTimeout,
    aliasDuration: config.aliasDuration,
    masqueradeLimit: config.masquerade.limit,
    deletionBrake: config.deletionBrake,
    deletion: config.deletion,
    ownKindsCountedFrom,
    retryInterval,
    pollInterval,
  }
}

export function tenantPlanSettings(config: Config, { installation }: Pick<Found, 'installation'>): TenantPlanSettings {
  const { namespace: operatorNamespace, bindableRoles, dns } = config
  return { operatorNamespace, installation, bindableRoles, dns, retryInterval }
}

/** Each has a part of the rights of the role it replaces, and only reads. */
function rolesWhileSuspended(prefix: string): Pick<TenantSettings, 'readerClusterRole' | 'suspendedRoles'> {
  const viewer = `${prefix}-tenant-viewer`
  return {
    readerClusterRole: `${prefix}-tenant-reader`,
    suspendedRoles: { [`${prefix}-tenant-developer`]: viewer, [`${prefix}-tenant-support`]: viewer, [viewer]: viewer },
  }
}

export function tenantAdminSettings(config: Config, installation: string): TenantAdminSettings {
  return {
    webNamespace: config.webNamespace,
    installation,
    publicUrl: config.publicUrl,
    inviteLifetime: config.invite.lifetime,
    resendInterval: config.invite.resendInterval,
    mailPace: {
      address: { ...defaultMailPace.address, interval: config.invite.mailInterval },
      tenant: { ...defaultMailPace.tenant, interval: config.invite.tenantMailInterval },
    },
    userPrefix: config.userPrefix,
    productName: config.smtp?.from.name ?? 'Tenantry',
    mailDomain: config.smtp?.from.address.split('@')[1] ?? config.baseDomain,
    retry: defaultRetry,
    slowRetry: defaultSlowRetry,
  }
}

export function accessGrantSettings({ userPrefix, masquerade }: Config): AccessGrantSettings {
  return { userPrefix, masqueradeLimit: masquerade.limit, masqueradeRetention: masquerade.retention }
}
