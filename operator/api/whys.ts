/** Why the operator did what it did, and the Events on repairs and losses. Pure. */

/** The values of `why`. */
export const whys = {
  provision: 'The tenant is being made.',
  update: 'The wanted state has changed: the spec, the plan, a setting of the installation.',
  access: 'The list of users with access has changed.',
  repair: 'The wanted state has not changed, and something differed from it: Tenantry repaired it.',
  recover: 'An earlier pass did not finish, for instance because the server was down: its actions are done again.',
  rotate: 'The password of the database is being changed.',
  suspend: 'The tenant goes off, or is off.',
  resume: 'The tenant comes back.',
  size: 'The data of the tenant takes another share of its size limit than before.',
  rename: 'Its Cloud ID or host name changes, or a former one ends.',
  adopt: 'An earlier tenant is being taken over.',
  retain: 'The Tenant goes and its data stays.',
  purge: 'The time to revive the tenant is over.',
  delete: 'The object is being deleted.',
  invite: 'Somebody is invited.',
  warn: 'An account ends soon.',
  expire: 'Its time is over.',
  notice: 'Tenantry did nothing about it: a person has to know.',
} as const

export type Why = keyof typeof whys

/** Events of type Warning for each loss, and Normal for each repair: they report both without the log. */
export const eventsOfLoss = {
  Repaired: {
    on: 'Tenant',
    type: 'Normal',
    meaning: 'Tenantry repaired something that differed from the wanted state. The note says what.',
  },
  NamespaceRecreated: {
    on: 'Tenant',
    type: 'Warning',
    meaning: 'The namespace was deleted, and not by Tenantry, which made it anew. Its contents are gone.',
  },
  SecretRecreated: {
    on: 'Tenant',
    type: 'Warning',
    meaning:
      'The Secret with the credentials, or its password, was gone. It has a new password: applications have to read it again.',
  },
  DirectoryRebuilt: {
    on: 'Tenant',
    type: 'Warning',
    meaning: 'The admin directory in the database was gone, and was made anew with the present admins.',
  },
  SettingsNotCarried: {
    on: 'Tenant',
    type: 'Warning',
    meaning:
      "The other login is current now, and lacks parameters that were set for the former one (ALTER ROLE … SET): the operator's account may not set them. The note names them.",
  },
  DumpLost: {
    on: 'Tenant',
    type: 'Warning',
    meaning:
      'The last dump, which a purge or a deletion relies on, is no longer in its place. Another one is taken before anything is removed.',
  },
  InviteKeyLost: {
    on: 'TenantAdmin',
    type: 'Warning',
    meaning: 'The key that an invite was signed with is gone: its link is dead, and a new invite goes out.',
  },
} as const

export type EventOfLoss = keyof typeof eventsOfLoss
