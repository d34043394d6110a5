/** The values of status.phase and of the invite status. They are for people; machines read conditions. */

export const tenantPhases = [
  'Pending',
  'Provisioning',
  'Active',
  'Deactivated',
  'Archived',
  'Expired',
  'Purged',
  'Deleting',
] as const
export type TenantPhase = (typeof tenantPhases)[number]

export const inviteStatuses = ['NotYetActive', 'Pending', 'Accepted', 'EmailSendingFailed', 'Expired'] as const
export type InviteStatus = (typeof inviteStatuses)[number]

export const tenantAdminPhases = [...inviteStatuses, 'Deactivated', 'Archived'] as const
export type TenantAdminPhase = (typeof tenantAdminPhases)[number]

export const accessGrantPhases = ['Active', 'Ended', 'Refused'] as const
export type AccessGrantPhase = (typeof accessGrantPhases)[number]

/** The values of spec.state of a Tenant and of a TenantAdmin. */
export const states = ['Active', 'Deactivated', 'Archived'] as const
export type State = (typeof states)[number]

export const tenantTypes = ['Customer', 'MSP'] as const
export type TenantType = (typeof tenantTypes)[number]

export const isolations = ['Database', 'Schema'] as const
export type Isolation = (typeof isolations)[number]

/** What follows when a tenant's database exceeds its size limit, from the mildest on. */
export const overSizes = ['Warn', 'ReadOnly', 'Off'] as const
export type OverSize = (typeof overSizes)[number]

/** The application role of all admins of a tenant. */
export const defaultRoles = ['Designer', 'ReleaseAdmin', 'BusinessUser', 'SupportUser'] as const

export const adminRoles = ['Admin', 'SubAdmin', 'Technician'] as const

/** The classes of mail failures: wait, ask a person about the address, ask a person about the relay. */
export const mailErrorClasses = ['Transient', 'Permanent', 'Configuration'] as const
