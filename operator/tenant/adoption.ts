/**
 * A Tenant that takes an earlier one over, whose object is gone and whose names, namespace and data are still there: kept
 * by policy Retain, or come back from a backup. Asked for by annotation, and by its uid or its name. Pure.
 */
import { annotations, finalizer } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Check, Verdict } from '../api/verdict.ts'
import { firstOf } from '../api/verdict.ts'
import type { Cache } from '../runtime/cache.ts'
import type { Stage } from './action.ts'
import type { Identity } from './marks.ts'
import type { Claim } from './sources.ts'

/** What is known of the earlier tenant that a Tenant asks for. */
export interface Adoption {
  /** The annotation's value. */
  readonly asked: string
  /** The claims that are still the earlier one's. */
  readonly claims: readonly Claim[]
  /** The Tenant that still holds them, `namespace/name`, if it is there. */
  readonly living: string | undefined
  /** Whether this Tenant goes by names of its own already. */
  readonly settled: boolean
}

export interface AdoptionCaches {
  readonly claims: Pick<Cache<Claim, 'holder' | 'tenant'>, 'by'>
  readonly tenants: Pick<Cache<Tenant, 'uid'>, 'by'>
}

/** Undefined where none is asked for, or all of the earlier one has been taken over. */
export function adoptionOf(
  { metadata }: Tenant,
  { uid, installation, formerUids }: Identity,
  { claims, tenants }: AdoptionCaches,
): Adoption | undefined {
  const asked = metadata.annotations?.[annotations.adopt]
  if (asked === undefined || asked === '') return undefined
  const prefix = `${installation}/`
  const named = asked.startsWith(prefix) ? claims.by('tenant', asked.slice(prefix.length)) : claims.by('holder', asked)
  const theirs = named.filter(({ holder }) => holder !== uid)
  const done = theirs.length === 0 && formerUids.length > 0
  if (done) return undefined
  const holders = new Set(theirs.map(({ holder }) => holder))
  const living = [...holders].flatMap((holder) => tenants.by('uid', holder))[0]
  const own = claims.by('holder', uid).some(({ kind }) => kind === 'CloudId')
  return {
    asked,
    claims: theirs,
    living: living && `${living.metadata.namespace ?? ''}/${living.metadata.name}`,
    settled: own && formerUids.length === 0,
  }
}

const refused = (message: string): Verdict => ({ reason: 'AdoptionRefused', message })

const rules: readonly Check<Adoption>[] = [
  ({ asked, claims }) =>
    claims.length > 0
      ? undefined
      : refused(
          `${annotations.adopt}: ${asked} is no earlier tenant whose names are kept here. Give the uid of the Tenant that is gone, or <installation>/<namespace>/<name>; or remove the annotation to begin anew.`,
        ),
  ({ asked, living }) =>
    living === undefined
      ? undefined
      : refused(
          `${annotations.adopt}: ${asked} is the Tenant ${living}, which is still there. Set its spec.deletion.policy to Retain and delete it first.`,
        ),
  ({ asked, claims }) =>
    new Set(claims.map(({ holder }) => holder)).size === 1
      ? undefined
      : refused(
          `${annotations.adopt}: ${asked} was the name of several tenants. Give the uid of one: ${[...new Set(claims.map(({ holder }) => holder))].toSorted().join(', ')}.`,
        ),
  ({ settled }) =>
    settled
      ? refused(
          `${annotations.adopt}: this Tenant has names and data of its own. Adopt with a new Tenant, or remove the annotation.`,
        )
      : undefined,
]

/** Why nothing is taken over. */
export function adoptionProblem(adoption: Adoption | undefined): Verdict | undefined {
  return adoption === undefined ? undefined : firstOf(rules, adoption)
}

/** The names first of all, since whatever else was made is recorded with them; the rest is marked anew as drift is healed. */
export function adopting({ claims }: Adoption, tenant: Tenant): readonly Stage[] {
  const bound = tenant.metadata.finalizers?.includes(finalizer) === true
  return [
    bound ? [] : [{ target: 'Tenant', actions: [{ kind: 'AddFinalizer' }] }],
    claims.map(({ name, holder }) => ({
      target: 'Claims' as const,
      actions: [{ kind: 'AdoptClaim' as const, claim: name, from: holder }],
    })),
  ]
}
