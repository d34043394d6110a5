/**
 * The Kubernetes API as the operator needs it: raw JSON objects, nothing typed away. Reads and writes are separate
 * ports, because the web process may read and create but never patch, and because writes are decorated (leadership,
 * metrics).
 */

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  /** The last writers of each field, as the apiserver records them. */
  readonly managedFields?: readonly ManagedFields[]
}

/** `metav1.ManagedFieldsEntry`. */
export interface ManagedFields {
  readonly manager?: string
  readonly operation?: string
  readonly subresource?: string
  /** RFC 3339, in whole seconds. */
  readonly time?: string
  /** A tree of the fields: `{"f:spec":{"f:hard":{"f:pods":{}}}}`. */
  readonly fieldsV1?: Readonly<Record<string, unknown>>
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** One API resource: how a kind is reached over HTTP. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** `v1`, `tenantry.dev/v1alpha1` */
  readonly apiVersion: string
  readonly kind: string
  /** The plural, lower case, as in the URL. */
  readonly plural: string
  readonly namespaced: boolean
  /** Carries the object's type; never set. */
  readonly type?: T
}

export interface ObjectKey {
  readonly namespace?: string
  readonly name: string
}

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface KubeReader {
  /** The live object, or undefined when there is none. Never a cached one. */
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): Promise<T | undefined>
  /** All live objects, page by page. */
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<T[]>
  /** POST with `dryRun=All`: the object is validated and admitted as if it were to be created, and not stored. Throws KubeError. */
  dryRun<T extends KubeObject>(resource: Resource<T>, object: T): Promise<void>
}

/** What a deletion requires the live object to be (metav1.Preconditions). */
export interface Preconditions {
  readonly uid: string
  readonly resourceVersion?: string
}

export interface KubeWriter {
  /** POST. Throws KubeError `AlreadyExists` when the name is taken. */
  create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>
  /** PUT; `metadata.resourceVersion` is required and is the precondition. Throws KubeError `Conflict`. */
  replace<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>
  /**
   * JSON merge patch (RFC 7386) of the object or of its status subresource. The patch carries
   * `metadata.resourceVersion` as precondition where the object was read before.
   */
  patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: object, subresource?: 'status'): Promise<T>
  /**
   * DELETE with preconditions; true when the object existed. An object that is already gone is no error. `grace`:
   * seconds that a pod gets for its end, also where it is ending already with more; undefined leaves it its own.
   */
  delete(resource: Resource, key: ObjectKey, preconditions: Preconditions, grace?: number): Promise<boolean>
  /** POST to a subresource of an object (eviction, token). */
  createSubresource(resource: Resource, key: ObjectKey, subresource: string, body: object): Promise<unknown>
}

export interface Kube extends KubeReader, KubeWriter {}

/**
 * A `metav1.Status` reason on which Tenantry acts, from the HTTP status and `reason` of the answer, never from its
 * text.
 */
export type KubeErrorReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Gone'
  | 'TooManyRequests'
  | 'Unavailable'
  | 'Timeout'
  | 'Unknown'

export type KubeErrorDetails = Partial<
  Pick<KubeError, 'retryAfter' | 'quota' | 'webhook' | 'refusal' | 'refusedBy' | 'causes' | 'ending'>
>

/** What refuses a request. `Rule`: a validation of the API server's own. `Right`: authorization. */
export type RefusedBy = 'Rule' | 'Policy' | 'Webhook' | 'Right'

/** `metav1.StatusCause` of a field: `spec.hard[pods]`, and what is wrong with it. */
export interface FieldCause {
  readonly field: string
  readonly message: string
}

export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly reason: KubeErrorReason
  /** The HTTP status; 0 when no answer came. */
  readonly status: number
  /** Milliseconds of the server's Retry-After. */
  readonly retryAfter: number | undefined
  /** The ResourceQuota that the refused object (Forbidden) would exceed. */
  readonly quota: string | undefined
  /** The admission webhook that could not be called. */
  readonly webhook: string | undefined
  /** The API server's own words, where it refuses the request itself and will until its cause is changed. */
  readonly refusal: string | undefined
  /** What refused the request; undefined where the words do not say. */
  readonly refusedBy: RefusedBy | undefined
  /** The fields that a refusal as Invalid names. */
  readonly causes: readonly FieldCause[]
  /** The namespace of what was to be written is being deleted. */
  readonly ending: boolean
  constructor(reason: KubeErrorReason, message: string, status: number, more: KubeErrorDetails = {}) {
    super(message)
    this.reason = reason
    this.status = status
    this.retryAfter = more.retryAfter
    this.quota = more.quota
    this.webhook = more.webhook
    this.refusal = more.refusal
    this.refusedBy = more.refusedBy
    this.causes = more.causes ?? []
    this.ending = more.ending ?? false
  }
}
