/** One RoleBinding of a tenant, before it is an object. Data. */

export interface Access {
  readonly name: string
  readonly clusterRole: string
  readonly users: readonly string[]
  /** Annotations beside the marks. */
  readonly annotations?: Readonly<Record<string, string>>
}
