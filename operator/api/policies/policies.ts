/** All admission policies of an installation. */
import { annotationPolicies } from './annotations.ts'
import { claimPolicies } from './claims.ts'
import { classPolicies } from './classes.ts'
import { deletionPolicies } from './deletion.ts'
import { grantedPolicies } from './granted.ts'
import { isolationPolicies } from './isolation.ts'
import { operatorPolicies } from './operator.ts'
import { optionPolicies } from './options.ts'
import { personPolicies } from './persons.ts'
import { placementPolicies } from './placement.ts'
import { podPolicies } from './pods.ts'
import { recordPolicies } from './records.ts'
import { sizePolicies } from './sizes.ts'
import { manifests } from './policy.ts'
import type { AdmissionPolicy, PolicyValues } from './policy.ts'

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
