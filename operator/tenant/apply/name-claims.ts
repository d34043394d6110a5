/**
 * The actions on claims. A claim is a ConfigMap whose name contains the claimed name, so that creating it takes the name for
 * one tenant only (model/name-claim.ts). Each action reads the claim live and writes it only at that resourceVersion, so that a decision from
 * a stale cache does no harm: then another decision follows.
 */
import type { Kube } from '../../kube/port.ts'
import { configMaps } from '../../kube/resources.ts'
import type { ConfigMap } from '../../kube/resources.ts'
import { labels } from '../../api/names.ts'
import { tenants } from '../../api/tenant.ts'
import { fromKey, keyOf as keyOfObject } from '../../runtime/objects/object.ts'
import type { ClaimAction } from '../model/action.ts'
import { adoptedClaim, claimObject } from '../model/name-claim.ts'
import type { ClaimContent } from '../model/name-claim.ts'
import { isEarlier } from '../model/earlier-tenant.ts'
import { nameTaken } from '../model/name-conflict.ts'
import { preconditionsOf, withPrecondition } from '../../kube/preconditions.ts'
import { createOrGet } from './live-object.ts'
import type { Identity } from '../../domain/marks.ts'
import { NameTaken, StaleRead } from '../model/errors.ts'
import { claimKeys, claimView } from '../../domain/caches.ts'
import type { NameClaim } from '../../domain/caches.ts'
import type { ApplyContext } from './apply-context.ts'

type Handlers = {
  readonly [Kind in ClaimAction['kind']]: (
    action: Extract<ClaimAction, { kind: Kind }>,
    context: ApplyContext,
    ports: { readonly kube: Kube },
  ) => Promise<void>
}

export const claimHandlers: Handlers = {
  ClaimName: ({ claim, certainlyAbsent }, context, { kube }) => takeClaim(claim, certainlyAbsent, context, kube),
  RecordPlacement: async ({ claim, server, data }, context, { kube }) => {
    const held = await readOwn(claim, context, kube)
    if (held === undefined) throw new StaleRead(`${claim} is not held any more`)
    const recorded = held.view.server
    if (recorded !== undefined && recorded !== server) throw new StaleRead(`${claim} records another server`)
    if (recorded === undefined) await change(held.object, data, undefined, kube)
  },
  AliasClaim: async ({ claim, until, revision, cloudId }, context, { kube }) => {
    const held = await readOwn(claim, context, kube)
    if (held === undefined) return
    assertRevision(held.view, revision)
    if (held.view.until !== undefined && held.view.cloudId === cloudId) return
    const data = { ...nothingRecorded, [claimKeys.until]: held.view.until ?? until }
    await change(held.object, data, { [labels.cloudId]: cloudId }, kube)
  },
  MarkRetained: async ({ claim, provisioned, undoneIn }, context, { kube }) => {
    const held = await kube.get(configMaps, keyOf(claim, context))
    const view = held && claimView(held)
    if (held === undefined || view?.holder !== context.identity.uid) return
    if (view.retained && (undoneIn === undefined || view.undoneIn === undoneIn)) return
    const data = {
      // A tenant that was taken over has the record of the earlier one, whose data a purge may have removed since.
      [claimKeys.provisioned]: provisioned ? 'true' : null,
      ...(undoneIn === undefined ? {} : { [claimKeys.undoneIn]: undoneIn }),
    }
    await change(held, data, { [labels.retained]: 'true' }, kube)
  },
  ClaimDatabase: (action, context, { kube }) => claimDatabase(action, context, kube),
  AdoptClaim: ({ claim, from }, context, { kube }) => adoptClaim(claim, from, context, kube),
  GiveUpClaim: ({ claim, from }, context, { kube }) => giveUpClaim(claim, from, context, kube),
  ReleaseClaim: async ({ claim, seen }, context, { kube }) => {
    const held = await readOwn(claim, context, kube)
    if (held === undefined) return
    if (seen !== undefined) assertAsSeen(held.view, seen)
    await kube.delete(configMaps, keyOf(claim, context), preconditionsOf(held.object))
  },
}

/** Whether the earlier Tenant is really gone is read live: a stale cache must not give its data away. */
async function adoptClaim(name: string, from: string, context: ApplyContext, kube: Kube): Promise<void> {
  const held = await kube.get(configMaps, keyOf(name, context))
  const claim = held && claimView(held)
  if (held === undefined || claim === undefined) throw new StaleRead(`${name} is gone`)
  if (claim.holder === context.identity.uid) return
  if (claim.holder !== from) throw new StaleRead(`${name} is held by another tenant`)
  assertFree(claim)
  const living = await kube.get(tenants, fromKey(claim.tenant))
  if (living?.metadata.uid === from) throw stillThere(claim.tenant)
  await kube.patch(configMaps, keyOf(name, context), withPrecondition(held, adoptedClaim(claim, context.identity)))
}

/** Only claims of an object with this very name: another object exists now, so that one is certainly gone. */
async function giveUpClaim(name: string, from: string, context: ApplyContext, kube: Kube): Promise<void> {
  const held = await kube.get(configMaps, keyOf(name, context))
  if (held === undefined) return
  const claim = claimView(held)
  if (claim.holder !== from || !isEarlier(claim, context.identity))
    throw new StaleRead(`${name} is held by another tenant`)
  assertFree(claim)
  const living = await kube.get(tenants, fromKey(claim.tenant))
  if (living?.metadata.uid !== context.identity.uid) throw new StaleRead(`${claim.tenant} is another Tenant`)
  await kube.delete(configMaps, keyOf(name, context), preconditionsOf(held))
}

/** Data of a Tenant without claims: a Tenant with the same uid is looked for live, by name or among all. */
async function claimDatabase(
  { claim, from, earlier, owner }: ClaimDatabase,
  context: ApplyContext,
  kube: Kube,
): Promise<void> {
  const { identity, adoptionLocks } = context
  const found = earlier === undefined ? await kube.list(tenants) : [await kube.get(tenants, fromKey(earlier))]
  const living = found.find((tenant) => tenant?.metadata.uid === from)
  if (living !== undefined) throw stillThere(keyOfObject(living))
  if (!adoptionLocks.take(owner, identity.uid))
    throw new NameTaken('AdoptionRefused', 'The data belongs to another Tenant now, which asked for it first.')
  try {
    await takeClaim(claim, false, context, kube)
  } catch (error) {
    adoptionLocks.forget(identity.uid)
    throw error
  }
}

type ClaimDatabase = Extract<ClaimAction, { kind: 'ClaimDatabase' }>

function stillThere(tenant: string): NameTaken {
  return new NameTaken('AdoptionRefused', `The Tenant ${tenant} still exists. Delete it first, with policy Retain.`)
}

/** Only the claim of a present name records these. */
const nothingRecorded = {
  namespace: null,
  database: null,
  owner: null,
  server: null,
  isolation: null,
  [claimKeys.systemIdentifier]: null,
}

function keyOf(name: string, { operatorNamespace }: ApplyContext) {
  return { namespace: operatorNamespace, name }
}

/** The claim as it is now; undefined when the tenant does not hold it. Throws {@link StaleRead} during a swap. */
async function readOwn(name: string, context: ApplyContext, kube: Kube) {
  const object = await kube.get(configMaps, keyOf(name, context))
  if (object === undefined) return undefined
  const view = claimView(object)
  if (view.holder !== context.identity.uid) return undefined
  assertFree(view)
  return { object, view }
}

function assertFree({ bound, handovers, name }: NameClaim): void {
  if (bound !== undefined || handovers.length > 0) throw new StaleRead(`${name} is in a swap`)
}

function assertRevision(live: NameClaim, revision: number): void {
  if (live.revision !== revision) throw new StaleRead(`${live.name} is another name than it was`)
}

/** A cache that has not heard that it is a former name by now, beside a newer status, would give it away. */
function assertAsSeen(live: NameClaim, { revision, until }: Pick<NameClaim, 'revision' | 'until'>): void {
  assertRevision(live, revision)
  if (live.until !== until) throw new StaleRead(`${live.name} is kept until another time than it was`)
}

type Changes = Readonly<Record<string, string | null>>

async function change(read: ConfigMap, data: Changes, labelled: Changes | undefined, kube: Kube): Promise<void> {
  const { namespace = '', name } = read.metadata
  const metadata = labelled === undefined ? {} : { metadata: { labels: labelled } }
  await kube.patch(configMaps, { namespace, name }, withPrecondition(read, { data, ...metadata }))
}

async function takeClaim(
  content: ClaimContent,
  certainlyAbsent: boolean,
  context: ApplyContext,
  kube: Kube,
): Promise<void> {
  const object = claimObject(context.identity, content, context.operatorNamespace)
  const found = await createOrGet(kube, configMaps, keyOf(content.name, context), object, certainlyAbsent)
  if (found === undefined) return
  const claim = claimView(found)
  if (claim.holder !== context.identity.uid) throw takenName(content, claim, context.identity)
  assertFree(claim)
  const { namespace, server, [claimKeys.revision]: revision } = content.data
  const differs = claim.namespace !== namespace || (server !== undefined && claim.server !== server)
  if (claim.until === undefined && claim.kind === 'CloudId' && differs)
    throw new StaleRead(`${content.name} records other names`)
  const outdated = claim.until !== undefined || claim.revision < Number(revision ?? 0)
  if (!outdated && claim.cloudId === content.cloudId) return
  const data = outdated ? { ...content.data, [claimKeys.until]: null } : {}
  await change(found, data, { [labels.cloudId]: content.cloudId }, kube)
}

function takenName({ data }: ClaimContent, held: NameClaim, identity: Identity): NameTaken {
  const holder = isEarlier(held, identity) ? `${held.tenant}, uid ${held.holder}` : held.tenant
  const { reason, message } = nameTaken(data['kind'] === 'Host' ? 'Host' : 'CloudId', data['value'], held, identity)
  return new NameTaken(reason, message, holder)
}
