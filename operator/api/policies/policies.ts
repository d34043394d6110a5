/**
 * All admission policies of an installation: a file has those on one subject, which is its name. What each refuses, in one
 * list with the messages: docs/reference/admission.md (generated).
 */
import { annotationPolicies } from './annotation-policies.ts'
import { storageClaimPolicies } from './storage-claim-policies.ts'
import { classPolicies } from './class-policies.ts'
import { deletionPolicies } from './deletion-policies.ts'
import { grantedAccessPolicies } from './granted-access-policies.ts'
import { hostPolicies } from './host-policies.ts'
import { isolationPolicies } from './isolation-policies.ts'
import { operatorPolicies } from './operator-policies.ts'
import { statusActionPolicies } from './status-action-policies.ts'
import { userPolicies } from './user-policies.ts'
import { placementPolicies } from './placement-policies.ts'
import { podPolicies } from './pod-policies.ts'
import { recordPolicies } from './record-policies.ts'
import { sizePolicies } from './size-policies.ts'
import { manifests } from './policy.ts'
import type { AdmissionPolicy, PolicyValues } from './policy.ts'

export function admissionPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [
    ...placementPolicies,
    ...userPolicies(values),
    ...deletionPolicies(values),
    ...statusActionPolicies,
    ...sizePolicies,
    ...recordPolicies(values),
    ...isolationPolicies(values),
    ...hostPolicies(values),
    ...annotationPolicies(values),
    ...classPolicies(values),
    ...podPolicies,
    ...storageClaimPolicies,
    ...grantedAccessPolicies(values),
    ...operatorPolicies(values),
  ]
}

/** The ValidatingAdmissionPolicies and their bindings, ready to be applied. */
export function admissionPolicyManifests(values: PolicyValues): readonly object[] {
  return admissionPolicies(values).flatMap((policy) => manifests(policy, values))
}
