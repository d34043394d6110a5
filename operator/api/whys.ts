/** Why the operator did what it did, and the Events of what was put right or lost. Pure. */

/** Why something was done, in `why`. */
export const whys = {
  provision: 'The tenant is being made.',
  update: 'Something that is wanted has changed: the spec, the plan, a setting of the installation.',
  access: 'Who has access has changed.',
  repair: 'Nothing that is wanted has changed, and something was not so any more: it was put right.',
  recover: 'An earlier pass did not come to its end, for instance as the server was down: it is done again.',
  rotate: 'The password of the database is being changed.',
  suspend: 'The tenant goes off, or is off.',
  resume: 'The tenant comes back.',
  size: 'The data of the tenant takes more of the size that it may have than before, or less.',
  rename: 'Its Cloud ID or host name changes, or a former one ends.',
  adopt: 'An earlier tenant is being taken over.',
  retain: 'The Tenant goes and its data stays.',
  purge: 'The time to revive the tenant is over.',
  delete: 'The object is being deleted.',
  invite: 'Somebody is invited.',
  warn: 'An account ends soon.',
  expire: 'Its time is over.',
  notice: 'Nothing was done about it: a person has to know.',
} as const

export type Why = keyof typeof whys

/** Events of type Warning for each loss, and Normal for each repair: how to hear of them without reading the log. */
export const eventsOfLoss = {
  Repaired: {
    on: 'Tenant',
    type: 'Normal',
    meaning: 'Something was put right that nobody had asked to be otherwise. The note says what.',
  },
  NamespaceRecreated: {
    on: 'Tenant',
    type: 'Warning',
    meaning: 'The namespace was deleted by somebody and made anew. What lay in it is gone.',
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
    meaning: 'The admin directory in the database was gone, and was made anew with the people as they are now.',
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
      'The last dump, which a purge or a deletion relies on, is not in its place any more. Another one is taken before anything is removed.',
  },
  InviteKeyLost: {
    on: 'TenantAdmin',
    type: 'Warning',
    meaning: 'The key that an invite was signed with is gone: its link is dead, and a new invite goes out.',
  },
} as const

export type EventOfLoss = keyof typeof eventsOfLoss
