/** Records the effects of an action, as only the ports know whether it found anything to do. */
import type { Kube } from '../../kube/port.ts'
import type { DatabaseEffect } from '../../postgres/model/port.ts'
import type { Did } from '../model/outcome.ts'

/** The effects of one action so far. A creation counts most, as it may follow a removal. */
export class Notes {
  did: Did | undefined
  directoryLost = false
  notCarried: readonly string[] = []
  refusedParameters: readonly string[] = []

  note(did: Did): void {
    if (this.did !== 'Created') this.did = did
  }

  readonly ofDatabase = ({ did, directoryLost, notCarried = [], refusedParameters = [] }: DatabaseEffect): void => {
    if (did !== 'Nothing') this.note(did)
    if (directoryLost === true) this.directoryLost = true
    this.notCarried = notCarried
    this.refusedParameters = refusedParameters
  }
}

/** The same port, whose writes are noted once they have succeeded. */
export function watchedKube(kube: Kube, notes: Notes): Kube {
  const note = (did: Did): void => notes.note(did)
  return {
    get: kube.get,
    list: kube.list,
    dryRun: kube.dryRun,
    create: async (resource, object) => {
      const made = await kube.create(resource, object)
      note('Created')
      return made
    },
    replace: async (resource, object) => {
      const after = await kube.replace(resource, object)
      note('Changed')
      return after
    },
    patch: async (resource, key, patch, subresource) => {
      const after = await kube.patch(resource, key, patch, subresource)
      note('Changed')
      return after
    },
    delete: async (resource, key, preconditions, grace) => {
      const there = await kube.delete(resource, key, preconditions, grace)
      if (there) note('Deleted')
      return there
    },
    createSubresource: async (resource, key, subresource, body) => {
      const answer = await kube.createSubresource(resource, key, subresource, body)
      note('Changed')
      return answer
    },
  }
}
