/** Builders: a valid object of each kind, to be varied by a test. */
import type { Tenant, TenantSpec, TenantStatus } from '../../../operator/api/tenant.ts'
import type { TenantAdmin, TenantAdminSpec } from '../../../operator/api/tenantadmin.ts'
import type { TenantAdminSettings } from '../../../operator/tenantadmin/invite/settings.ts'
import {
  defaultInviteLifetime,
  defaultResendInterval,
  defaultRetry,
  defaultSlowRetry,
} from '../../../operator/tenantadmin/invite/settings.ts'
import { defaultMailPace } from '../../../operator/mail/mail-pace.ts'
import type { Condition } from '../../../operator/api/conditions.ts'
import type { Reason } from '../../../operator/api/reasons.ts'

export const settings: TenantAdminSettings = {
  webNamespace: 'tenantry-system-web',
  installation: 'main',
  publicUrl: 'https://admin.example.com',
  inviteLifetime: defaultInviteLifetime,
  resendInterval: defaultResendInterval,
  mailPace: defaultMailPace,
  userPrefix: 'oidc:',
  productName: 'Northwind Cloud',
  mailDomain: 'mail.example.com',
  retry: defaultRetry,
  slowRetry: defaultSlowRetry,
}

export function condition(type: Condition['type'], status: Condition['status'], reason: Reason): Condition {
  return { type, status, reason, message: '', observedGeneration: 1, lastTransitionTime: '2030-01-01T00:00:00Z' }
}

export function tenant(
  over: { name?: string; namespace?: string; spec?: Partial<TenantSpec>; status?: Partial<TenantStatus> } = {},
): Tenant {
  return {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'Tenant',
    metadata: { name: over.name ?? 'acme', namespace: over.namespace ?? 'home', generation: 1 },
    spec: {
      displayName: 'Acme',
      type: 'Customer',
      state: 'Active',
      provisioning: 'OnAccept',
      defaultRole: 'BusinessUser',
      userConsent: { enabled: false },
      database: {},
      archive: {},
      deletion: { protected: false, policy: 'Delete' },
      ...over.spec,
    },
    status: {
      observedGeneration: 1,
      phase: 'Pending',
      conditions: [condition('Ready', 'True', 'AwaitingAcceptance')],
      ...over.status,
    },
  }
}

/** An MSP that is there, with the namespace `tenant-msp`. */
export function activeMsp(displayName = 'The MSP'): Tenant {
  const conditions = [condition('Ready', 'True', 'Provisioned')]
  return tenant({
    name: 'msp',
    spec: { type: 'MSP', displayName },
    status: { phase: 'Active', namespace: 'tenant-msp', conditions },
  })
}

export function tenantAdmin(
  over: { name?: string; namespace?: string; created?: string; spec?: Partial<TenantAdminSpec> } = {},
): TenantAdmin {
  const { name = 'jane', namespace = 'home', created = '2030-01-01T00:00:00Z' } = over
  return {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'TenantAdmin',
    metadata: { name, namespace, generation: 1, creationTimestamp: created },
    spec: {
      tenantRef: { name: 'acme' },
      username: 'jane',
      email: 'Jane@example.com',
      role: 'Admin',
      state: 'Active',
      ...over.spec,
    },
  }
}
