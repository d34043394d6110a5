/** A process that has begun to start. */
export interface Running {
  /** Resolves when the process does its work. Rejects with an error in a plain sentence when it cannot. */
  readonly started: Promise<void>
  /** Ends everything in order, also in the middle of the start; resolves to whether all went well. May be called again. */
  readonly stop: (why: string) => Promise<boolean>
}
