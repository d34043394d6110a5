/**
 * The record of recent deletions: a ConfigMap in the operator's namespace, by which they are counted when the Tenants
 * and their claims are gone, and after a restart. Pure.
 */
import { deletionRecordName, labels, managedBy } from '../../api/names.ts'
import type { ConfigMap } from '../../kube/resources.ts'
import type { BegunDeletion } from '../model/deletion-hold.ts'

/** An entry that was damaged by hand counts as none. */
export function begunIn(record: ConfigMap | undefined): readonly BegunDeletion[] {
  return Object.entries(record?.data ?? {}).flatMap(([uid, text]) => {
    const [tenant, deletedAt, begunAt, msp] = text.split(' ')
    const times = [deletedAt, begunAt].map((time) => Date.parse(time ?? ''))
    if (tenant === undefined || deletedAt === undefined || begunAt === undefined || times.some(Number.isNaN)) return []
    return [{ uid, tenant, deletedAt, begunAt, msp }]
  })
}

/** What a deletion writes into the record. */
export function entryOf({ uid, tenant, deletedAt, begunAt, msp }: BegunDeletion): Readonly<Record<string, string>> {
  return { [uid]: [tenant, deletedAt, begunAt, ...(msp === undefined ? [] : [msp])].join(' ') }
}

export function recordOf(deletion: BegunDeletion, operatorNamespace: string, installation: string): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: deletionRecordName,
      namespace: operatorNamespace,
      labels: {
        [labels.managedBy]: managedBy,
        [labels.installation]: installation,
        [labels.component]: 'deletions',
      },
    },
    data: entryOf(deletion),
  }
}
