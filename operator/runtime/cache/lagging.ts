/** Which sources do not follow the server, for the readiness check. Pure. */
import type { Reflector } from './source-ports.ts'

/** Their names. */
export function laggingAmong(sources: readonly Pick<Reflector, 'name' | 'live'>[]): readonly string[] {
  return sources.filter((source) => !source.live()).map(({ name }) => name)
}

/** A sentence that names them; undefined: all follow. */
export function laggingInWords(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `these watches do not follow the cluster: ${names.join(', ')}`
}
