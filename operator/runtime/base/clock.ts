/** Time and randomness, passed in so that decisions stay pure and tests can control the clock. */

export interface Clock {
  /** Wall time, for what is recorded: milliseconds since the Unix epoch. Jumps when the machine's clock is set. */
  readonly now: () => number
  /** Monotonic time, for what is measured (leases, deadlines, backoff): milliseconds since an arbitrary start. */
  readonly monotonic: () => number
  /** Runs `run` once, after `delay` milliseconds, unless the returned function is called first. */
  readonly after: (delay: number, run: () => void) => () => void
}

export interface Random {
  /** `size` bytes from a cryptographically secure generator. */
  readonly bytes: (size: number) => Buffer
  /** A number in [0, 1) for jitter; not for secrets. */
  readonly fraction: () => number
}

/** RFC 3339 in UTC with whole seconds, the form of Kubernetes' `metav1.Time`. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
