/** All admission policies of an installation. */
import { annotationPolicies } from './policies/annotations.ts'
import { claimPolicies } from './policies/claims.ts'
import { classPolicies } from './policies/classes.ts'
import { deletionPolicies } from './policies/deletion.ts'
import { grantedPolicies } from './policies/granted.ts'
import { isolationPolicies } from './policies/isolation.ts'
import { operatorPolicies } from './policies/operator.ts'
import { optionPolicies } from './policies/options.ts'
import { personPolicies } from './policies/persons.ts'
import { placementPolicies } from './policies/placement.ts'
import { podPolicies } from './policies/pods.ts'
import { recordPolicies } from './policies/records.ts'
import { sizePolicies } from './policies/sizes.ts'
import { manifests } from './policies/policy.ts'
import type { AdmissionPolicy, PolicyValues } from './policies/policy.ts'

export function admissionPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [
    ...placementPolicies,
    ...personPolicies(values),
    ...deletionPolicies(values),
    ...optionPolicies,
    ...sizePolicies,
    ...recordPolicies(values),
    ...isolationPolicies(values),
    ...annotationPolicies(values),
    ...classPolicies(values),
    ...podPolicies,
    ...claimPolicies,
    ...grantedPolicies(values),
    ...operatorPolicies(values),
  ]
}

/** The ValidatingAdmissionPolicies and their bindings, ready to be applied. */
export function admissionPolicyManifests(values: PolicyValues): readonly object[] {
  return admissionPolicies(values).flatMap((policy) => manifests(policy, values))
}
