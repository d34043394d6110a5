/** The values of `why` in log lines, and the Events on repairs and losses. Pure. */

/** The values of `why`. */
export const whys = {
  provision: 'The tenant is being provisioned.',
  update: 'The desired state changed: the spec, the plan or a setting of the installation.',
  access: 'The list of users with access changed.',
  repair: 'The actual state differed from the unchanged desired state, and Tenantry repaired it.',
  recover: 'An earlier pass did not finish, for example because the server was down, and its actions are repeated.',
  rotate: 'The password of the database is being changed.',
  suspend: 'The tenant is being turned off, or is off.',
  resume: 'The tenant is being turned on again.',
  size: 'The size of the data crossed a threshold of its limit.',
  rename: 'The Cloud ID or host name of the tenant changes, or an alias ends.',
  adopt: 'An earlier tenant is being adopted.',
  retain: 'The Tenant is deleted and its data is kept.',
  purge: 'The retention of the archived tenant is over.',
  delete: 'The object is being deleted.',
  invite: 'A person is being invited.',
  warn: 'The tenant expires soon.',
  expire: 'An alias, or a masquerade, ended.',
  upgrade: 'An earlier version of Tenantry kept it elsewhere.',
  notice: 'Tenantry changed nothing. The line reports something that a person should know.',
} as const

export type Why = keyof typeof whys

/** Events of type Warning for each loss, and Normal for each repair: they report both without the log. */
export const eventsOfLoss = {
  Repaired: {
    on: 'Tenant',
    type: 'Normal',
    meaning: 'Tenantry repaired something that differed from the desired state. The note names it.',
  },
  NamespaceRecreated: {
    on: 'Tenant',
    type: 'Warning',
    meaning: 'The namespace was deleted by another client. Tenantry recreated it; its contents are lost.',
  },
  SecretRecreated: {
    on: 'Tenant',
    type: 'Warning',
    meaning:
      'The Secret with the credentials, or its password, was missing. It has a new password; applications must read it again.',
  },
  DirectoryRebuilt: {
    on: 'Tenant',
    type: 'Warning',
    meaning: 'The admin directory in the database was missing. Tenantry recreated it with the current admins.',
  },
  SettingsNotCarried: {
    on: 'Tenant',
    type: 'Warning',
    meaning:
      "After a rotation, the current login lacks parameters that were set for the former login (ALTER ROLE … SET), because the operator's account may not set them. The note names them.",
  },
  DumpLost: {
    on: 'Tenant',
    type: 'Warning',
    meaning:
      'The last dump that a purge or a deletion relies on no longer exists. Tenantry takes another one before it removes anything.',
  },
  InviteKeyLost: {
    on: 'TenantAdmin',
    type: 'Warning',
    meaning: 'The key that signed an invite is missing. Its link no longer works, and Tenantry sends a new invite.',
  },
} as const

export type EventOfLoss = keyof typeof eventsOfLoss
