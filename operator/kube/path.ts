/** URL paths and query strings of the Kubernetes API. */
import type { ObjectKey, Resource } from './port.ts'

/**
 * The URL path of a collection (`name` omitted), an object or its subresource, as the Kubernetes API lays it out.
 * Without a namespace the collection of a namespaced kind is that of all namespaces.
 */
export function resourcePath(resource: Resource, key: Partial<ObjectKey>, subresource?: string): string {
  const root = resource.apiVersion.includes('/') ? '/apis/' : '/api/'
  const namespace = resource.namespaced && key.namespace !== undefined ? ['namespaces', key.namespace] : []
  const tail = [...namespace, resource.plural, key.name, subresource].filter((part) => part !== undefined)
  if (resource.namespaced && key.name !== undefined && key.namespace === undefined) {
    throw new TypeError(`${resource.kind} ${key.name} is asked for without a namespace`)
  }
  return [root + resource.apiVersion, ...tail.map((part) => encodeURIComponent(part))].join('/')
}

/** A query string of the given parameters, with its question mark. */
export function queryString(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}
