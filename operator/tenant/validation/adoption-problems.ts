/**
 * The adoption of an earlier tenant whose object is gone, and the problems that it can have. An annotation asks for it,
 * by uid or by name; where the claims are lost as well, the marks on the database servers tell. Pure.
 */
import { annotations, dataName } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Check, Verdict } from '../../api/verdict.ts'
import { firstOf } from '../../api/verdict.ts'
import type { Cache } from '../../runtime/cache/cache.ts'
import { givesUp } from '../model/earlier-tenant.ts'
import type { Identity } from '../../domain/marks.ts'
import type { NameClaim } from '../../domain/caches.ts'
import type { Adoption, OrphanedData, UnseenServer } from '../model/adoption.ts'

export interface AdoptionCaches {
  readonly claims: Pick<Cache<NameClaim, 'holder' | 'tenant' | 'owner'>, 'by'>
  readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
}

/**
 * Undefined where no adoption is asked for, or all of the earlier tenant has been taken over. Without what the servers
 * tell. An undone deletion needs no annotation; `homeUid`: of the namespace that the Tenant lies in.
 */
export function adoptionOf(
  tenant: Tenant,
  identity: Identity,
  homeUid: string | undefined,
  { claims, tenants }: AdoptionCaches,
): Adoption | undefined {
  const { uid, installation } = identity
  const said = tenant.metadata.annotations?.[annotations.adopt] ?? ''
  const unsaid = givesUp(tenant) ? undefined : undone(identity, homeUid, claims)
  const asked = said === '' ? unsaid : said
  if (asked === undefined) return undefined
  const prefix = `${installation}/`
  const named = asked.startsWith(prefix) ? claims.by('tenant', asked.slice(prefix.length)) : claims.by('holder', asked)
  const theirs = named.filter(({ holder }) => holder !== uid)
  const own = claims.by('holder', uid)
  const taken = own.some(({ formerUids }) => formerUids.length > 0)
  // A status that came back from a backup may report an earlier adoption; the claims report this one.
  if (theirs.length === 0 && taken) return undefined
  const settled = own.some(({ kind }) => kind === 'CloudId') && !taken
  if (said === '' && settled) return undefined
  return {
    asked,
    installation,
    claims: theirs,
    living: livingOf(
      theirs.map(({ holder }) => holder),
      tenants,
    ),
    settled,
    recorded: [...theirs, ...(taken ? own : [])].some(({ ownerRole }) => ownerRole !== undefined),
    contested: false,
    databases: [],
    unseen: [],
  }
}

/**
 * The adoption that needs no annotation: a Tenant of this name, whose deletion an administrator undid. The name alone
 * is not enough, as the namespace may be another one of the same name by now.
 */
function undone(
  { uid, tenant, installation }: Identity,
  homeUid: string | undefined,
  claims: AdoptionCaches['claims'],
): string | undefined {
  if (homeUid === undefined) return undefined
  const left = claims.by('tenant', tenant).filter(({ holder, undoneIn }) => holder !== uid && undoneIn === homeUid)
  const [earlier, ...more] = new Set(left.map(({ holder }) => holder))
  return more.length === 0 ? earlier : `${installation}/${tenant}`
}

/** The adoption with what the servers tell where the claims do not. */
export function withOrphanedData(
  adoption: Adoption,
  { databases, unseen }: OrphanedData,
  { uid }: Pick<Identity, 'uid'>,
  { claims, tenants }: AdoptionCaches,
): Adoption {
  const others = databases
    .flatMap(({ names }) => claims.by('owner', names.owner))
    .filter(({ holder }) => holder !== uid)
  const uids = databases.map((databaseState) => databaseState.uid)
  return {
    ...adoption,
    databases,
    unseen,
    living: adoption.living ?? livingOf(uids, tenants),
    contested: others.length > 0,
  }
}

/** `namespace/name` of the first Tenant that exists. */
function livingOf(uids: readonly string[], tenants: AdoptionCaches['tenants']): string | undefined {
  const [found] = uids.flatMap((uid) => tenants.by('uid', uid))
  return found && `${found.metadata.namespace ?? ''}/${found.metadata.name}`
}

const adoptionRefusal = (message: string): Verdict => ({ reason: 'AdoptionRefused', message })

const rules: readonly Check<Adoption>[] = [
  ({ asked, claims, databases, installation }) => {
    if (claims.length > 0 || databases.length > 0) return undefined
    const other = asked.includes('/') && !asked.startsWith(`${installation}/`)
    return adoptionRefusal(
      other
        ? `${annotations.adopt}: ${asked} is not of this installation, which is ${installation}. Only ${installation}/<namespace>/<name> or the uid of a Tenant of this installation can be taken over.`
        : `${annotations.adopt}: ${asked} is not an earlier tenant whose names or data are kept here. Give the uid of the Tenant that is gone, or <installation>/<namespace>/<name>; or remove the annotation to start without it.`,
    )
  },
  ({ asked, living }) =>
    living === undefined
      ? undefined
      : adoptionRefusal(
          `${annotations.adopt}: ${asked} is the Tenant ${living}, which still exists. Set its spec.deletion.policy to Retain and delete it first.`,
        ),
  (adoption) => {
    const uids = uidsOf(adoption)
    return uids.length === 1
      ? undefined
      : adoptionRefusal(
          `${annotations.adopt}: ${adoption.asked} was the name of several tenants. Give the uid of one: ${uids.join(', ')}.`,
        )
  },
  ({ asked, databases }) =>
    databases.length < 2
      ? undefined
      : adoptionRefusal(
          `${annotations.adopt}: ${asked} has data in several places: ${databases.map(({ server, names }) => `${dataName(names)} on the DatabaseServer ${server}`).join(', ')}. Name the server that counts in spec.database.server.`,
        ),
  ({ asked, contested }) =>
    contested
      ? adoptionRefusal(
          `${annotations.adopt}: the data of ${asked} belongs to another Tenant now. Remove the annotation to start without it.`,
        )
      : undefined,
  ({ settled }) =>
    settled
      ? adoptionRefusal(
          `${annotations.adopt}: this Tenant has names and data of its own. Adopt with a new Tenant, or remove the annotation.`,
        )
      : undefined,
]

/** The uids of the tenants that are gone and match what was asked for. */
function uidsOf({ claims, databases }: Adoption): readonly string[] {
  return [...new Set([...claims.map(({ holder }) => holder), ...databases.map(({ uid }) => uid)])].toSorted()
}

/** Why nothing is taken over. */
export function adoptionProblem(adoption: Adoption | undefined): Verdict | undefined {
  return adoption === undefined || adoptionWait(adoption) !== undefined ? undefined : firstOf(rules, adoption)
}

/** A server whose answer is needed to know what to take over; one uid is in one place, a name may be in several. */
export function adoptionWait({ asked, claims, databases, unseen, settled }: Adoption): UnseenServer | undefined {
  if (settled || claims.length > 0) return undefined
  return databases.some(({ uid }) => uid === asked) ? undefined : unseen[0]
}
