/** A CEL validation rule of a schema. */

/** A CEL rule, as in `x-kubernetes-validations`. `{field}` in the message becomes the path of the field it stands at. */
export interface Rule {
  readonly rule: string
  readonly message: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
  readonly fieldPath?: string
}
