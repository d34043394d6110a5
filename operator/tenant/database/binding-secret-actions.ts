/** A tenant's binding Secret: its content, whether it is lost, and when it is written. Pure. */
import type { DatabaseServer } from '../../api/databaseserver.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { Action } from '../model/action.ts'
import { bindingSecretForm, bindingSecretName } from '../model/binding-secret.ts'
import type { BindingInputs } from '../model/binding-secret.ts'
import { childDigest } from '../../domain/fingerprint.ts'
import { isCertainlyAbsent } from '../namespace/namespace-actions.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'

export function secretOf({ names }: Snapshot): { readonly namespace: string; readonly name: string } {
  return { namespace: names.namespace, name: bindingSecretName }
}

/** The Secret's content, with the address that applications use. */
export function bindingInputs(
  snapshot: Snapshot,
  { spec, metadata }: DatabaseServer,
  target: TenantDatabase,
): BindingInputs {
  const { host, port } = spec.applicationEndpoint ?? spec.endpoint
  return {
    identity: snapshot.identity,
    ...secretOf(snapshot),
    host,
    port,
    names: target.names,
    username: target.names.logins[target.currentLogin],
    sslmode: (spec.applicationEndpoint?.tls ?? spec.tls).mode,
    ca: snapshot.authorities[metadata.name]?.ca,
  }
}

/** The Secret holds no password that could be kept. A Secret that is being deleted still exists. */
export function isSecretLost({ children }: Pick<Snapshot, 'children'>): boolean {
  const there = children[childId('Secret', bindingSecretName)]
  return there?.deleting !== true && there?.password === undefined
}

export function secretActions(snapshot: Snapshot, inputs: BindingInputs): readonly Action[] {
  const there = snapshot.children[childId('Secret', inputs.name)]
  if (there?.deleting === true || there?.digest === childDigest('Secret', bindingSecretForm(inputs))) return []
  return [{ kind: 'EnsureBinding', inputs, certainlyAbsent: isCertainlyAbsent(snapshot) }]
}
