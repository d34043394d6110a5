/** A session as a Secret. A Secret that is not as {@link sessionSecret} makes it is no session. Pure. */
import { z } from 'zod'
import { labels, managedBy, sessionSecretType } from '../../api/names.ts'
import type { Secret } from '../../kube/resources.ts'
import { entriesOf, entryOf } from '../../kube/secret-entries.ts'
import type { Session } from './session-record.ts'

/** More groups than this are not kept: they could only give more rights. */
const mostGroups = 200
/** Longer tokens are not kept: without the hint the provider asks whether to sign out. */
const longestToken = 8192

/** Longer names and groups, which a directory may have, are not kept either. */
const longestName = 256

const line = (most: number) => z.string().max(most)
const time = z.int().min(0)

const record = z.strictObject({
  person: z.strictObject({
    provider: line(64).min(1),
    subject: line(512).min(1),
    name: line(longestName).optional(),
    email: line(254).optional(),
    groups: z.array(line(longestName)).max(mostGroups),
    user: line(512).min(1),
    admins: z.array(line(64).min(1)).max(64).optional(),
    root: z.boolean(),
  }),
  createdAt: time,
  lastSeen: time,
  idleEnd: time,
  absoluteEnd: time,
  csrfKey: line(64).min(22),
  mustChange: z.boolean(),
  credential: line(longestName).optional(),
  oidc: z.strictObject({ sid: line(512).optional(), idToken: line(longestToken).optional() }).optional(),
})

const namePattern = /^session-[0-9a-f]{32}$/

type Metadata = Pick<Session, 'name'> & Partial<Pick<Session, 'uid' | 'resourceVersion'>>

export function sessionSecret(
  session: Omit<Session, 'name' | 'uid' | 'resourceVersion'>,
  { name, uid, resourceVersion }: Metadata,
  { webNamespace, installation }: { readonly webNamespace: string; readonly installation: string },
): Secret {
  const { person, oidc, createdAt, lastSeen, idleEnd, absoluteEnd, csrfKey, mustChange, credential } = session
  const kept = {
    person: { ...person, name: fitting(person.name, longestName), groups: fittingGroups(person.groups) },
    createdAt,
    lastSeen,
    idleEnd,
    absoluteEnd,
    csrfKey,
    mustChange,
    credential,
    oidc: oidc && { sid: fitting(oidc.sid, 512), idToken: fitting(oidc.idToken, longestToken) },
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: sessionSecretType,
    metadata: {
      name,
      namespace: webNamespace,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      labels: {
        [labels.managedBy]: managedBy,
        [labels.installation]: installation,
        [labels.component]: 'session',
      },
    },
    data: entriesOf({ session: JSON.stringify(kept) }),
  }
}

function fitting(text: string | undefined, most: number): string | undefined {
  return text !== undefined && text.length <= most ? text : undefined
}

function fittingGroups(groups: readonly string[]): readonly string[] {
  return groups.filter((group) => fitting(group, longestName) !== undefined).slice(0, mostGroups)
}

export function sessionOf(secret: Secret): Session | undefined {
  const { type, metadata } = secret
  if (type !== sessionSecretType || !namePattern.test(metadata.name)) return undefined
  const { uid, resourceVersion } = metadata
  const parsed = record.safeParse(jsonOf(entryOf(secret, 'session')))
  if (!parsed.success || uid === undefined || resourceVersion === undefined) return undefined
  const { person, credential, oidc, ...times } = parsed.data
  return Object.freeze({
    ...times,
    name: metadata.name,
    uid,
    resourceVersion,
    person: { ...person, name: person.name, email: person.email, admins: person.admins },
    credential,
    oidc: oidc && { sid: oidc.sid, idToken: oidc.idToken },
  })
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
