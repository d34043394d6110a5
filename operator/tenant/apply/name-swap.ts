/**
 * The actions of a name swap (see names/swap-actions.ts). Only the leader of the swap changes a bound claim, so that
 * what is read before the decision still holds at the decision.
 */
import type { Kube } from '../../kube/port.ts'
import { configMaps } from '../../kube/resources.ts'
import type { ConfigMap } from '../../kube/resources.ts'
import type { SwapAction, Member } from '../model/action.ts'
import { claimObject } from '../model/name-claim.ts'
import { journalText } from '../../domain/name-swap-record.ts'
import type { Handover } from '../../domain/name-swap-record.ts'
import { withPrecondition } from '../../kube/preconditions.ts'
import { StaleRead } from '../model/errors.ts'
import { claimKeys, claimView } from '../../domain/caches.ts'
import type { NameClaim } from '../../domain/caches.ts'
import type { ApplyContext } from './apply-context.ts'

type Handlers = {
  readonly [Kind in SwapAction['kind']]: (
    action: Extract<SwapAction, { kind: Kind }>,
    context: ApplyContext,
    ports: { readonly kube: Kube },
  ) => Promise<void>
}

export const swapHandlers: Handlers = {
  BindClaim: async ({ claim, holder, revision, leader }, context, { kube }) => {
    const { object, view } = await readMember({ claim, holder, revision }, context, kube)
    if (isBoundBy(view, leader, context)) return
    if (view.bound !== undefined) throw new StaleRead(`${claim} is in another swap`)
    await patch(object, { [claimKeys.boundTo]: leader, [claimKeys.boundBy]: context.identity.uid }, context, kube)
  },
  UnbindClaim: async ({ claim, leader }, context, { kube }) => {
    const leading = await read(leader, context, kube)
    if (leading !== undefined && leading.view.handovers.length > 0) throw new StaleRead(`${leader} has decided`)
    const found = await read(claim, context, kube)
    if (found?.view.bound?.to === leader) await patch(found.object, unbound, context, kube)
  },
  DecideSwap: async ({ leader, members }, context, { kube }) => {
    const found = await Promise.all(members.map((member) => readMember(member, context, kube)))
    const [own, ...others] = found
    if (own?.view.bound !== undefined || own?.view.handovers.length !== 0 || own.view.name !== leader)
      throw new StaleRead(`${leader} is in another swap`)
    if (!others.every(({ view }) => isBoundBy(view, leader, context))) throw new StaleRead('not all claims are bound')
    const handovers = found.map(({ object }, index) =>
      handoverOf(object, found[(index + 1) % found.length]?.object ?? object),
    )
    await patch(own.object, { [claimKeys.handovers]: journalText(handovers) }, context, kube)
  },
  HandOver: async ({ claim, leader }, context, { kube }) => {
    const leading = await read(leader, context, kube)
    const handover = leading?.view.handovers.find((each) => each.claim === claim)
    if (handover === undefined) return
    const found = await read(claim, context, kube)
    if (found === undefined) await kube.create(configMaps, objectOf(handover, context))
    else if (claim === leader || found.view.bound?.to === leader) await give(found.object, handover, context, kube)
    else if (found.view.holder !== handover.data['uid']) throw new StaleRead(`${claim} has left the swap`)
  },
}

const unbound = { [claimKeys.boundTo]: null, [claimKeys.boundBy]: null }

interface Read {
  readonly object: ConfigMap
  readonly view: NameClaim
}

async function read(name: string, { operatorNamespace }: ApplyContext, kube: Kube): Promise<Read | undefined> {
  const object = await kube.get(configMaps, { namespace: operatorNamespace, name })
  return object === undefined ? undefined : { object, view: claimView(object) }
}

/** The claim of a member; throws {@link StaleRead} when it is not as it was when the swap was decided upon. */
async function readMember({ claim, holder, revision }: Member, context: ApplyContext, kube: Kube): Promise<Read> {
  const found = await read(claim, context, kube)
  const same = found?.view.holder === holder && found.view.revision === revision && found.view.until === undefined
  if (found === undefined || !same) throw new StaleRead(`${claim} is held otherwise`)
  return found
}

function isBoundBy({ bound }: NameClaim, leader: string, { identity }: ApplyContext): boolean {
  return bound?.to === leader && bound.by === identity.uid
}

/** The next member's claim as the holder of `mine` will have it: with the records of `mine`, under the other name. */
function handoverOf(mine: ConfigMap, next: ConfigMap): Handover {
  const { [claimKeys.boundTo]: _to, [claimKeys.boundBy]: _by, ...own } = mine.data ?? {}
  const view = claimView(mine)
  const value = claimView(next).value
  return {
    claim: next.metadata.name,
    data: { ...own, value, [claimKeys.revision]: String(view.revision + 1) },
    cloudId: view.kind === 'CloudId' ? value : (view.cloudId ?? ''),
  }
}

/** The marks are those of the new holder. */
function objectOf({ claim, data, cloudId }: Handover, { identity, operatorNamespace }: ApplyContext): ConfigMap {
  const holder = {
    installation: identity.installation,
    tenant: data['tenant'] ?? '',
    uid: data['uid'] ?? '',
    formerUids: [],
  }
  return claimObject(holder, { name: claim, data, cloudId }, operatorNamespace)
}

async function give(found: ConfigMap, handover: Handover, context: ApplyContext, kube: Kube): Promise<void> {
  const { metadata, data } = objectOf(handover, context)
  const gone = Object.keys(found.data ?? {}).filter((key) => data?.[key] === undefined)
  const { labels: marks, annotations } = metadata
  const { namespace = '', name } = found.metadata
  const cleared = Object.fromEntries(gone.map((key) => [key, null]))
  const change = { metadata: { labels: { ...marks }, annotations }, data: { ...data, ...cleared } }
  await kube.patch(configMaps, { namespace, name }, withPrecondition(found, change))
}

async function patch(
  found: ConfigMap,
  data: Readonly<Record<string, string | null>>,
  { operatorNamespace: namespace }: ApplyContext,
  kube: Kube,
): Promise<void> {
  await kube.patch(configMaps, { namespace, name: found.metadata.name }, withPrecondition(found, { data }))
}
