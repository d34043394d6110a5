/**
 * The binding Secret: it comes before the roles that follow it. An existing password is kept, whatever else has to be
 * repaired; a missing or unfit one is generated.
 */
import { tenants } from '../../api/tenant.ts'
import type { Kube } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import type { Secret } from '../../kube/resources.ts'
import { fromKey } from '../../runtime/objects/object.ts'
import type { KubeAction } from '../model/action.ts'
import { repairRulesFor } from './child-object.ts'
import { assertOurs, ensure, rewrite } from './live-object.ts'
import { StaleRead } from '../model/errors.ts'
import { bindingSecret } from '../model/binding-secret.ts'
import type { BindingInputs } from '../model/binding-secret.ts'
import { currentLogin } from '../database/current-login.ts'
import { passwordOf, passwordPattern, usernameOf } from '../../domain/fingerprint.ts'
import type { KubePorts, ApplyContext } from './apply-context.ts'

/** 32 bytes, 43 characters of base64url. */
const passwordBytes = 32

export function newPassword(random: KubePorts['random']): string {
  return random.bytes(passwordBytes).toString('base64url')
}

type SwitchBinding = Extract<KubeAction, { kind: 'SwitchBinding' }>

/** Only if the Secret is as it was when the password was generated: after any change another pass looks again. */
export async function switchBinding(
  { inputs }: SwitchBinding,
  context: ApplyContext,
  { kube }: KubePorts,
): Promise<void> {
  const key = `${inputs.namespace}/${inputs.name}`
  const next = context.next.get(key)
  if (next === undefined) throw new StaleRead(`no password was made up for the Secret ${key}`)
  assertOurs(next.read, context)
  const wanted = bindingSecret(inputs, next.password)
  await rewrite(next.read, wanted, repairRulesFor('Secret', wanted), kube)
  context.passwords.set(key, next.password)
}

type EnsureBinding = Extract<KubeAction, { kind: 'EnsureBinding' }>

/** Throws KubeError, {@link NameTaken}, {@link StaleRead} or {@link Postponed}. */
export async function ensureBinding(
  { inputs, certainlyAbsent }: EnsureBinding,
  context: ApplyContext,
  ports: KubePorts,
): Promise<void> {
  const key = { namespace: inputs.namespace, name: inputs.name }
  const live = certainlyAbsent ? undefined : await ports.kube.get(secrets, key)
  if (live !== undefined) await assertRecorded(live, inputs, context, ports.kube)
  const password = (live && usablePassword(live)) ?? newPassword(ports.random)
  const wanted = bindingSecret(inputs, password)
  // The comparison ignores the password: a Secret that turned up meanwhile keeps its own.
  const made = await ensure(wanted, repairRulesFor('Secret', wanted), certainlyAbsent, context, ports)
  context.passwords.set(`${key.namespace}/${key.name}`, passwordOf(made) ?? password)
}

/**
 * A Secret that names another login than planned was changed by another writer, or by a rotation of which the cache of
 * Tenants has not heard: the login written there would get the other's password. So the Tenant is read live.
 */
async function assertRecorded(
  live: Secret,
  { names, username }: BindingInputs,
  { identity }: ApplyContext,
  kube: Pick<Kube, 'get'>,
): Promise<void> {
  const there = usernameOf(live)
  if (there === username) return
  const tenant = await kube.get(tenants, fromKey(identity.tenant))
  if (tenant !== undefined && names.logins[currentLogin(tenant, names, there).login] !== username)
    throw new StaleRead(`the status of ${identity.tenant} names the other login`)
}

function usablePassword(secret: Secret): string | undefined {
  const password = passwordOf(secret)
  return password !== undefined && passwordPattern.test(password) ? password : undefined
}
