/** Lets a deletion begin: it is recorded, on condition that the record is as it was read and has capacity left. */
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import { deletionRecordName } from '../../api/names.ts'
import { KubeError } from '../../kube/port.ts'
import type { Kube } from '../../kube/port.ts'
import { configMaps } from '../../kube/resources.ts'
import { limitOn } from '../lifecycle/deletion-brake.ts'
import type { RecordDeletion } from '../model/action.ts'
import { begunIn, entryOf, recordOf } from '../removal/deletion-record.ts'
import { withPrecondition } from '../../kube/preconditions.ts'
import { StaleRead } from '../model/errors.ts'
import type { ApplyContext } from './apply-context.ts'

/** More workers than this do not conflict for long: the limit lets only so many write. */
const tries = 8

/** Throws KubeError, or {@link StaleRead} where other deletions were let through meanwhile. */
export async function recordDeletion(action: RecordDeletion, context: ApplyContext, kube: Kube): Promise<void> {
  for (let tried = 0; tried < tries; tried += 1) if (await recorded(action, context, kube)) return
  throw new StaleRead('the record of deletions changes too often')
}

/** False when another worker was quicker. */
async function recorded(
  { asked, deletion, over, limits }: RecordDeletion,
  context: ApplyContext,
  kube: Kube,
): Promise<boolean> {
  const { operatorNamespace: namespace, identity } = context
  const key = { namespace, name: deletionRecordName }
  const record = await kube.get(configMaps, key)
  const begun = begunIn(record)
  if (begun.some(({ uid }) => uid === deletion.uid)) return true
  if (limitOn(asked, [], begun, limits, Date.parse(deletion.begunAt)) !== undefined)
    throw new StaleRead('other deletions were quicker')
  if (record === undefined)
    return (
      (await createUnlessThere(kube, configMaps, recordOf(deletion, namespace, identity.installation))) !== undefined
    )
  const gone = over.filter((uid) => record.data?.[uid] !== undefined).map((uid) => [uid, null] as const)
  const data: Readonly<Record<string, string | null>> = { ...Object.fromEntries(gone), ...entryOf(deletion) }
  try {
    await kube.patch(configMaps, key, withPrecondition(record, { data }))
    return true
  } catch (error) {
    if (error instanceof KubeError && (error.reason === 'Conflict' || error.reason === 'NotFound')) return false
    throw error
  }
}
