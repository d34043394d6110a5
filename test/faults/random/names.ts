/** What each tenant is called against what it wants to be called, by the model of names. Pure. */
import type { Stored } from '../../harness/api.ts'
import { misnamed } from '../../model/names.ts'
import type { Named } from '../../model/names.ts'
import { wantedCloudId, wantedHost } from '../../model/wanted.ts'
import { conditionOf } from '../life.ts'
import { isOrphan, living, parentOf, titleOf } from './view.ts'
import type { View } from './view.ts'

export function namesOf(tenant: Stored, view: View): readonly string[] {
  if (isOrphan(tenant, view)) return []
  const all = living(view).map((each) => named(each, view))
  return misnamed(named(tenant, view), all, (claim) => holderOf(claim, view))
}

function named(tenant: Stored, view: View): Named {
  const { metadata, status } = tenant
  const parent = parentOf(tenant, view)
  return {
    uid: metadata.uid,
    title: titleOf(tenant),
    cloudId: text(status?.['cloudId']),
    host: text(status?.['host']),
    wanted: {
      cloudId: wantedCloudId(tenant),
      host: wantedHost(tenant, text(parent?.status?.['host']), 'tenants.example.com'),
    },
    refused: conditionOf(tenant, 'Stalled')?.reason,
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function holderOf(claim: string, { facts }: View): string | undefined {
  return facts.claims.find(({ metadata }) => metadata.name === claim)?.data?.['uid']
}
