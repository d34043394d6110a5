/**
 * The fields of a TenantPlan on what tenants may use beyond their own namespace. The admission policies refuse the
 * rest.
 */
import { z } from 'zod'
import { names, objectName, text } from './schema-fields.ts'

const annotationKey = () =>
  text(
    317,
    /^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?[/])?([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?|([A-Za-z0-9][-A-Za-z0-9_.]*)?[*])$/,
    '{field} must hold keys of annotations, such as example.com/team, or example.com/* for all with that prefix.',
  )

const className = () =>
  text(
    253,
    /^([*]|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$/,
    '{field} must hold names of classes, or * for any.',
  )

const taintKey = () =>
  text(
    317,
    /^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?[/])?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    '{field} must hold keys of taints, such as example.com/gpu.',
  )

export const allowed = z.object({
  annotations: names(
    64,
    'Keys of annotations that Ingresses, routes, Services, ServiceAccounts and PersistentVolumeClaims may have, in addition to harmless ones. A key that ends with * allows every key with that prefix.',
    annotationKey(),
  ).optional(),
  ingressClasses: names(
    32,
    "IngressClasses that Ingresses may use, in addition to the cluster's default; * allows any.",
    className(),
  ).optional(),
  storageClasses: names(
    32,
    "StorageClasses that PersistentVolumeClaims may use, in addition to the cluster's default; * allows any.",
    className(),
  ).optional(),
  priorityClasses: names(
    32,
    "PriorityClasses with a value above 0 that pods may use, in addition to the cluster's default; * allows any except the system's.",
    className(),
  ).optional(),
  taints: names(
    32,
    'Keys of taints that pods may tolerate, in addition to those of node.kubernetes.io.',
    taintKey(),
  ).optional(),
  runtimeClasses: names(32, 'RuntimeClasses that pods may use; * allows any.', className()).optional(),
  volumeAttributesClasses: names(
    32,
    'VolumeAttributesClasses that PersistentVolumeClaims may use; * allows any.',
    className(),
  ).optional(),
  csiDrivers: names(32, 'CSI drivers that pods may use for inline (ephemeral) volumes.', objectName()).optional(),
  unboundedEmptyDirs: z
    .boolean()
    .describe('Whether a pod may have an emptyDir without a limit: neither a sizeLimit nor a limit of the pod.')
    .optional(),
})
