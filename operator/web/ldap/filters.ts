/**
 * The filters of our searches. What a person typed, or the directory answered, becomes the value of one filter object; it never is
 * part of a text that is parsed, so that it cannot change the shape of the filter.
 */
import {
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  ExtensibleFilter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
} from 'ldapts'
import type { Filter } from 'ldapts'
import type { FilterTree } from './filter-syntax.ts'

/** One value that an attribute has to have. */
export interface Match {
  readonly attribute: string
  /** The matching rule; undefined: equality. */
  readonly rule?: string | undefined
  readonly value: Buffer
}

/** The objects that the filter of the settings lets through, and that have one of these values at least. */
export function matching(configured: FilterTree | undefined, matches: readonly Match[]): Filter {
  const filters = matches.map(({ attribute, rule, value }) =>
    rule === undefined
      ? new EqualityFilter({ attribute, value })
      : new ExtensibleFilter({ matchType: attribute, rule, value: value.toString('utf8') }),
  )
  const [only] = filters
  const either = filters.length === 1 && only !== undefined ? only : new OrFilter({ filters })
  return configured === undefined ? either : new AndFilter({ filters: [filterOf(configured), either] })
}

export function filterOf(tree: FilterTree): Filter {
  switch (tree.kind) {
    case 'and':
      return new AndFilter({ filters: tree.filters.map(filterOf) })
    case 'or':
      return new OrFilter({ filters: tree.filters.map(filterOf) })
    case 'not':
      return new NotFilter({ filter: filterOf(tree.filter) })
    case 'present':
      return new PresenceFilter({ attribute: tree.attribute })
    case 'equal':
      return new EqualityFilter({ attribute: tree.attribute, value: tree.value })
    case 'greater':
      return new GreaterThanEqualsFilter({ attribute: tree.attribute, value: tree.value })
    case 'less':
      return new LessThanEqualsFilter({ attribute: tree.attribute, value: tree.value })
    case 'approximate':
      return new ApproximateFilter({ attribute: tree.attribute, value: tree.value })
    case 'substrings': {
      const { attribute, parts } = tree
      return new SubstringFilter({
        attribute,
        initial: parts[0] ?? '',
        any: parts.slice(1, -1),
        final: parts.at(-1) ?? '',
      })
    }
    case 'extensible':
      return new ExtensibleFilter({
        matchType: tree.attribute,
        rule: tree.rule,
        dnAttributes: tree.dn,
        value: tree.value,
      })
  }
}
