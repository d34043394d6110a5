/** The problems that an AccessGrant can have, in the order in which they are reported. Pure. */
import type { AccessGrant } from '../../api/accessgrant.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import { firstOf } from '../../api/verdict.ts'
import type { Check as CheckOf } from '../../api/verdict.ts'
import { byRightToUsername, userOf } from '../../domain/person.ts'
import { awaitsAdoption } from '../../domain/invite-waits.ts'
import { givenFor } from './bound-tenant.ts'
import type { AccessGrantSettings } from './settings.ts'
import { isBeingDeleted } from './access-blocker.ts'
import { isOver, masqueradeLength } from './grant-end.ts'
import { grantRefused, resting, underWay } from './verdicts.ts'
import type { GrantVerdict } from './verdicts.ts'
import type { Home } from '../../domain/hierarchy.ts'
import { hasAccepted } from '../../domain/admin-state.ts'

/** What is known about one AccessGrant whose tenant exists. */
export interface GrantFacts {
  readonly grant: AccessGrant
  readonly tenant: Tenant
  /** The tenant's uid, and those of the tenants that it has taken over. */
  readonly uids: readonly string[]
  /** Whether the tenant's RoleBinding names this AccessGrant. */
  readonly named: boolean
  readonly home: Home
  /** The admins, sub-admins and technicians of the parent MSP. */
  readonly staff: readonly TenantAdmin[]
  /** All masquerades of the same user. */
  readonly masquerades: readonly AccessGrant[]
  readonly settings: Pick<AccessGrantSettings, 'userPrefix' | 'masqueradeLimit'>
  /** Milliseconds since the epoch. */
  readonly now: number
}

type Check = CheckOf<GrantFacts, GrantVerdict>

/** A tenant that may yet become the same one is waited for. */
const givenForIt: Check = (facts) => {
  const { tenant, grant } = facts
  const { name } = tenant.metadata
  switch (givenFor(facts)) {
    case 'This':
      return undefined
    case 'Open':
      return isBeingDeleted(tenant)
        ? underWay(
            'TenantDeleting',
            `The Tenant ${name} is being deleted. The access begins with the next one of that name.`,
          )
        : underWay('Provisioning', `The access to the Tenant ${name} is being recorded.`)
    case 'Another': {
      if (awaitsAdoption(tenant))
        return underWay('Adopting', `The access begins when the Tenant ${name} has taken over the earlier one.`)
      const uid = grant.status?.tenantUid
      return grantRefused(
        `The Tenant ${name} is not the one of that name${uid === undefined ? '' : ` (uid ${uid})`} that the access was given to, so it opens nothing here. If it is meant for this one, delete this AccessGrant and create it again.`,
        'TenantReplaced',
      )
    }
  }
}

const customerOfMsp: Check = ({ tenant, home }) =>
  home.kind === 'Msp'
    ? undefined
    : grantRefused(
        `spec.tenantRef names the Tenant ${tenant.metadata.name}, which is not a customer of an MSP and has no technicians. Delete this AccessGrant; invite the person with a TenantAdmin.`,
      )

/** The MSP's TenantAdmin of that username, regardless of case. */
export function personOf({ grant, staff }: Pick<GrantFacts, 'grant' | 'staff'>): TenantAdmin | undefined {
  const username = grant.spec.username.toLowerCase()
  const named = ({ spec, metadata }: TenantAdmin) =>
    spec.username.toLowerCase() === username && metadata.deletionTimestamp === undefined
  return staff.filter(named).toSorted(byRightToUsername)[0]
}

const personThere: Check = (facts) =>
  personOf(facts) === undefined
    ? underWay(
        'GranteeNotFound',
        `spec.username ${facts.grant.spec.username} is not (yet) a TenantAdmin of the parent MSP ${mspOf(facts)}. The access begins when a technician of that username has accepted the invite.`,
      )
    : undefined

const isTechnician: Check = (facts) => {
  const role = personOf(facts)?.spec.role
  if (role === 'Technician') return undefined
  const who = `spec.username ${facts.grant.spec.username} is ${role} of the parent MSP ${mspOf(facts)}`
  return role === 'Admin'
    ? grantRefused(`${who} and therefore has access to all its customers. Delete this AccessGrant.`)
    : grantRefused(`${who}. Access can only be granted to a TenantAdmin with spec.role: Technician.`)
}

const personActive: Check = (facts) => {
  const { spec, metadata } = personOf(facts) ?? {}
  if (spec === undefined || spec.state === 'Active') return undefined
  return resting(
    spec.state,
    `The TenantAdmin ${metadata?.name} is ${spec.state}: the technician has no access. The access begins when spec.state there is Active.`,
  )
}

const personAccepted: Check = (facts) => {
  const person = personOf(facts)
  if (person === undefined || hasAccepted(person)) return undefined
  return resting(
    'AwaitingAnswer',
    `The TenantAdmin ${person.metadata.name} has not accepted the invite yet. The access begins when the technician has.`,
  )
}

const userUsable: Check = (facts) =>
  technicianUser(facts) === undefined
    ? grantRefused(
        `spec.username ${facts.grant.spec.username} is a technician whose user belongs to Kubernetes itself.`,
      )
    : undefined

/** The Kubernetes user of the technician. */
export function technicianUser(facts: Pick<GrantFacts, 'grant' | 'staff' | 'settings'>): string | undefined {
  const person = personOf(facts)
  return person && userOf(person, person.status?.invite, facts.settings.userPrefix)
}

function mspOf({ home }: Pick<GrantFacts, 'home'>): string {
  return home.kind === 'Msp' ? home.parent.metadata.name : ''
}

const personMasquerades: Check = ({ grant }) =>
  grant.spec.username.startsWith('system:')
    ? grantRefused(
        `spec.username ${grant.spec.username} is not a person: only a person can masquerade. Delete this AccessGrant.`,
      )
    : undefined

/** A masquerade that was in force when the limit was lowered ends by the new limit. */
const notTooLong: Check = ({ grant, settings }) =>
  grant.status?.startedAt === undefined && masqueradeLength(grant, settings.masqueradeLimit) > settings.masqueradeLimit
    ? grantRefused(
        `spec.duration ${grant.spec.duration} is longer than a masquerade may last, which is ${lengthOf(settings.masqueradeLimit)} (settings.masqueradeLimit). Delete this AccessGrant and create another.`,
      )
    : undefined

function lengthOf(milliseconds: number): string {
  if (milliseconds % 3_600_000 === 0) return `${milliseconds / 3_600_000}h`
  return milliseconds % 60_000 === 0 ? `${milliseconds / 60_000}m` : `${milliseconds / 1_000}s`
}

/** The first masquerade in force counts, or else the oldest, so that each pass comes to the same result. */
const notNested: Check = ({ grant, masquerades, settings, now }) => {
  const live = masquerades.filter((each) => each.status?.phase !== 'Refused' && !isOver(each, settings, now))
  const first = live.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))[0]
  if (first === undefined || first.metadata.uid === grant.metadata.uid || rank(grant) < rank(first)) return undefined
  return grantRefused(
    `spec.username ${grant.spec.username} masquerades already, by the AccessGrant ${first.metadata.name} in the namespace ${first.metadata.namespace}. End that one first, then create another.`,
  )
}

function rank({ metadata, status }: AccessGrant): string {
  const inForce = status?.phase === 'Active' ? 0 : 1
  return `${inForce} ${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`
}

const checks: Readonly<Record<AccessGrant['spec']['type'], readonly Check[]>> = {
  Delegation: [givenForIt, customerOfMsp, personThere, isTechnician, personActive, personAccepted, userUsable],
  Masquerade: [givenForIt, personMasquerades, notTooLong, notNested],
}

/** The first thing that is not right. */
export function grantProblemOf(facts: GrantFacts): GrantVerdict | undefined {
  return firstOf(checks[facts.grant.spec.type], facts)
}
