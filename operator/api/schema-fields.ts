/**
 * The types of field that the schemas are made of. A string with a pattern has an error message, and the generator
 * makes one CEL rule of both. RE2 (Go) and ECMAScript read the patterns alike: no lookaround, no `\d`, `\w`, `\s`, no
 * flags.
 */
import { z } from 'zod'
import { durationOrNonePattern, durationPattern } from './duration.ts'
import type { Rule } from './cel-rule.ts'

/** The key under which a pattern's sentence travels through JSON Schema; the generator removes it. */
export const sentenceKey = 'x-tenantry-sentence'

/** CEL rules for the field they stand at, as schema metadata. */
export function rules(...list: readonly Rule[]): { readonly 'x-kubernetes-validations': readonly Rule[] } {
  return { 'x-kubernetes-validations': list }
}

/** A string of at most `max` characters that matches `pattern`; `sentence` says so, beginning with `{field}`. */
export function text(max: number, pattern: RegExp, sentence: string) {
  return z
    .string()
    .max(max)
    .regex(pattern, sentence)
    .meta({ [sentenceKey]: sentence })
}

/** Text for people on one line: no control characters, so that it can stand in a mail's header. */
export function line(max: number) {
  const sentence =
    '{field} must be one line of text that is not empty, has no control characters and no space around it.'
  return text(max, /^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$/, sentence)
}

/** A DNS label (RFC 1123, section 2.1). */
export function dnsLabel(max = 63) {
  const limit = max === 63 ? '' : `, at most ${max} characters long`
  return text(
    max,
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    `{field} must be a DNS label${limit}: lower-case letters, digits and inner hyphens.`,
  )
}

/** A DNS subdomain, the form of most names of Kubernetes objects. */
export function objectName() {
  return text(
    253,
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    '{field} must be the name of an object: lower-case letters, digits, inner hyphens and dots.',
  )
}

/** The key of an entry in a Secret or ConfigMap. */
export function dataKey() {
  return text(
    253,
    /^[-._a-zA-Z0-9]+$/,
    '{field} must be the key of an entry: letters, digits, hyphens, underscores and dots.',
  )
}

/** A host: a DNS name, an IPv4 or an IPv6 address. */
export function host() {
  return text(
    253,
    /^[A-Za-z0-9:]([-A-Za-z0-9_.:]*[A-Za-z0-9:])?$/,
    '{field} must be a host name or an IP address, without scheme and port.',
  )
}

/** RFC 3339. */
export function time() {
  return z.iso.datetime({ offset: true })
}

/** A length of time as {@link parseDuration} reads it. */
export function duration() {
  return text(23, durationPattern, '{field} must be a length of time like 30d, 12h or 1h30m.')
}

/** A length of time, or `0s` for none. */
export function durationOrNone() {
  return text(23, durationOrNonePattern, '{field} must be a length of time like 30d, 12h or 1h30m, or 0s.')
}

/** Bytes, as a quantity. */
export function byteSize() {
  return z
    .string()
    .max(24)
    .meta(
      rules({
        rule: "isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",
        message: '{field} must be a size above 0, such as 500Mi or 10Gi.',
      }),
    )
}

/**
 * Quantities by name of resource, such as `requests.cpu: 500m`. They are strings: an int-or-string has no bound that
 * CEL's cost estimate knows.
 */
export function quantities(max = 32) {
  const sentence = '{field} must hold quantities such as 500m, 2 or 10Gi.'
  const quantity = z
    .string()
    .max(24)
    .meta({
      description: 'A quantity, such as 500m, 2 or 10Gi.',
      ...rules({ rule: 'isQuantity(self)', message: sentence }),
    })
  return z.record(z.string(), quantity).meta({
    maxProperties: max,
    ...rules({
      rule: "self.all(name, name.size() <= 128 && name.matches('^[a-z0-9]([-a-z0-9./]*[a-z0-9])?$'))",
      message: '{field} must have names of resources as keys, such as requests.cpu or count/services.',
    }),
  })
}

/** The value of a label. */
export function labelValue() {
  return text(
    63,
    /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
    '{field} must hold label values: letters, digits, inner hyphens, underscores and dots, at most 63.',
  ).describe('A label value.')
}

/** A label selector as in `metav1.LabelSelector`. */
export function labelSelector() {
  const expression = z.object({
    key: labelKey().describe('The key of the label.'),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .describe('How the value of the label is compared with values.'),
    values: z
      .array(labelValue())
      .max(16)
      .meta({ description: 'The values to compare with. Only for In and NotIn.', 'x-kubernetes-list-type': 'atomic' })
      .optional(),
  })
  return z
    .object({
      matchLabels: z
        .record(z.string(), labelValue())
        .meta({ description: 'The labels, with their values, that the object must have.', maxProperties: 16 })
        .optional(),
      matchExpressions: z
        .array(
          expression.meta({
            description: 'One requirement.',
            ...rules({
              rule: "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : !has(self.values)",
              message: '{field}.values must be given with the operators In and NotIn, and with no other.',
            }),
          }),
        )
        .max(16)
        .meta({ description: 'Requirements, all of which must be met.', 'x-kubernetes-list-type': 'atomic' })
        .optional(),
    })
    .meta(
      rules({
        rule: 'has(self.matchLabels) || has(self.matchExpressions)',
        message: '{field} must have matchLabels or matchExpressions.',
      }),
    )
}

/** The key of a label, with or without a prefix. */
export function labelKey() {
  return text(
    317,
    /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    '{field} must be the key of a label, such as region or example.com/region.',
  )
}

/** The name of one object, in a field of its own so that it can grow. */
export function nameReference(description: string, name = objectName()) {
  return z.object({ name: name.describe('The name of the object.') }).meta({ description })
}

/** A list of short names, each once. */
export function names(max: number, description: string, item = objectName()) {
  return z.array(item.describe('A name.')).max(max).meta({ description, 'x-kubernetes-list-type': 'set' })
}
