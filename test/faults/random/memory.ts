/** What the test remembers of a random life, beside what it can read: who was deleted how, who accepted, what was written. */
import type { Api, Stored } from '../../harness/api.ts'
import type { Credentials } from '../../harness/invariants.ts'
import { inviteOf } from '../life.ts'

export interface Memory {
  /** Tenants that were declared: uid → slot. */
  readonly declared: Map<string, string>
  /** The namespace that an MSP was last seen to own, by its slot. */
  readonly namespaces: Map<string, string>
  /** Tenants of which a deletion was answered with yes, by uid. */
  readonly deleted: Set<string>
  /** Tenants and TenantAdmins whose data may outlive them: retained, or gone with the namespace that they lay in. */
  readonly mayKeep: Set<string>
  /** Tenants that were asked to retain before they were deleted. */
  readonly mustKeep: Set<string>
  readonly mayPurge: Set<string>
  /** Who accepted, by the Message-ID of the mail; `tenant`: uid of the tenant at that time, if it is certain. */
  readonly accepted: Map<string, { readonly tenant: string | undefined; readonly certain: boolean }>
  /** Message-ID → uid of the TenantAdmin whose status told of it. */
  readonly messages: Map<string, string>
  /** Everybody who was ever invited, as a Kubernetes user. */
  readonly users: Set<string>
  /** What each tenant has written into its database, by its uid. */
  readonly notes: Map<string, Note>
  /** Every credential that was ever read from a Secret. */
  readonly credentials: Map<string, Credentials>
  /** How often something happened that may repeat a mail. */
  disturbances: number
  /** For values that have to differ. */
  next(): number
}

/** A row, and where it lies. */
export interface Note {
  readonly text: string
  readonly database: string
  readonly schema: string
}

export function emptyMemory(): Memory {
  let count = 0
  return {
    declared: new Map(),
    namespaces: new Map(),
    deleted: new Set(),
    mayKeep: new Set(),
    mustKeep: new Set(),
    mayPurge: new Set(),
    accepted: new Map(),
    messages: new Map(),
    users: new Set(),
    notes: new Map(),
    credentials: new Map(),
    disturbances: 0,
    next: () => (count += 1),
  }
}

/** Sees every mail and everybody invited in a status, also of TenantAdmins that are gone a moment later. */
export async function listen(api: Api, memory: Memory, signal: AbortSignal): Promise<void> {
  await api.watch('/apis/tenantry.dev/v1alpha1/tenantadmins', signal, (admin: Stored) => {
    const warning = (admin.status?.['expiryWarning'] ?? {}) as { readonly messageId?: string } // of our own schema
    const { address } = inviteOf(admin)
    if (typeof address === 'string') memory.users.add(address.toLowerCase())
    for (const id of [inviteOf(admin)['messageId'], warning.messageId]) {
      if (typeof id === 'string') memory.messages.set(id, admin.metadata.uid)
    }
  })
}
