/**
 * The actions of an exchange of names (see names/swap-actions.ts). A claim that is bound is changed by nobody but who leads the
 * exchange, so that what is read before it is decided is so when it is.
 */
import type { Kube } from '../../kube/port.ts'
import { configMaps } from '../../kube/resources.ts'
import type { ConfigMap } from '../../kube/resources.ts'
import type { ExchangeAction, Member } from '../model/action.ts'
import { claimObject } from '../model/name-claim.ts'
import { journalText } from '../../domain/name-swap-record.ts'
import type { Handover } from '../../domain/name-swap-record.ts'
import { withPrecondition } from './live-object.ts'
import { Superseded } from '../model/errors.ts'
import { claimKeys, claimView } from '../../domain/caches.ts'
import type { Claim } from '../../domain/caches.ts'
import type { Pass } from './context.ts'

type Handlers = {
  readonly [Kind in ExchangeAction['kind']]: (
    action: Extract<ExchangeAction, { kind: Kind }>,
    pass: Pass,
    ports: { readonly kube: Kube },
  ) => Promise<void>
}

export const exchangeHandlers: Handlers = {
  BindClaim: async ({ claim, holder, revision, leader }, pass, { kube }) => {
    const { object, view } = await readMember({ claim, holder, revision }, pass, kube)
    if (isBoundBy(view, leader, pass)) return
    if (view.bound !== undefined) throw new Superseded(`${claim} is in another exchange`)
    await patch(object, { [claimKeys.boundTo]: leader, [claimKeys.boundBy]: pass.identity.uid }, pass, kube)
  },
  UnbindClaim: async ({ claim, leader }, pass, { kube }) => {
    const leading = await read(leader, pass, kube)
    if (leading !== undefined && leading.view.handovers.length > 0) throw new Superseded(`${leader} has decided`)
    const found = await read(claim, pass, kube)
    if (found?.view.bound?.to === leader) await patch(found.object, unbound, pass, kube)
  },
  DecideExchange: async ({ leader, members }, pass, { kube }) => {
    const found = await Promise.all(members.map((member) => readMember(member, pass, kube)))
    const [own, ...others] = found
    if (own?.view.bound !== undefined || own?.view.handovers.length !== 0 || own.view.name !== leader)
      throw new Superseded(`${leader} is in another exchange`)
    if (!others.every(({ view }) => isBoundBy(view, leader, pass))) throw new Superseded('not all claims are bound')
    const handovers = found.map(({ object }, index) =>
      handoverOf(object, found[(index + 1) % found.length]?.object ?? object),
    )
    await patch(own.object, { [claimKeys.handovers]: journalText(handovers) }, pass, kube)
  },
  HandOver: async ({ claim, leader }, pass, { kube }) => {
    const leading = await read(leader, pass, kube)
    const handover = leading?.view.handovers.find((each) => each.claim === claim)
    if (handover === undefined) return
    const found = await read(claim, pass, kube)
    if (found === undefined) await kube.create(configMaps, objectOf(handover, pass))
    else if (claim === leader || found.view.bound?.to === leader) await give(found.object, handover, pass, kube)
    else if (found.view.holder !== handover.data['uid']) throw new Superseded(`${claim} has left the exchange`)
  },
}

const unbound = { [claimKeys.boundTo]: null, [claimKeys.boundBy]: null }

interface Read {
  readonly object: ConfigMap
  readonly view: Claim
}

async function read(name: string, { operatorNamespace }: Pass, kube: Kube): Promise<Read | undefined> {
  const object = await kube.get(configMaps, { namespace: operatorNamespace, name })
  return object === undefined ? undefined : { object, view: claimView(object) }
}

/** The claim of a member; throws Superseded when it is not as it was when the exchange was planned. */
async function readMember({ claim, holder, revision }: Member, pass: Pass, kube: Kube): Promise<Read> {
  const found = await read(claim, pass, kube)
  const same = found?.view.holder === holder && found.view.revision === revision && found.view.until === undefined
  if (found === undefined || !same) throw new Superseded(`${claim} is held otherwise`)
  return found
}

function isBoundBy({ bound }: Claim, leader: string, { identity }: Pass): boolean {
  return bound?.to === leader && bound.by === identity.uid
}

/** The next one's claim as the holder of `mine` will have it: with what mine records of it, under the other name. */
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
function objectOf({ claim, data, cloudId }: Handover, { identity, operatorNamespace }: Pass): ConfigMap {
  const holder = {
    installation: identity.installation,
    tenant: data['tenant'] ?? '',
    uid: data['uid'] ?? '',
    formerUids: [],
  }
  return claimObject(holder, { name: claim, data, cloudId }, operatorNamespace)
}

async function give(found: ConfigMap, handover: Handover, pass: Pass, kube: Kube): Promise<void> {
  const { metadata, data } = objectOf(handover, pass)
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
  { operatorNamespace: namespace }: Pass,
  kube: Kube,
): Promise<void> {
  await kube.patch(configMaps, { namespace, name: found.metadata.name }, withPrecondition(found, { data }))
}
