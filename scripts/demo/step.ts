import type { Terminal } from './terminal.ts'

/** Runs one step of the start, shown while it runs and when it is done. */
export async function step<T>(
  terminal: Terminal,
  title: string,
  work: (detail: (text: string) => void) => Promise<T>,
): Promise<T> {
  const shown = terminal.step(title)
  try {
    const result = await work((text) => shown.detail(text))
    shown.done()
    return result
  } catch (error) {
    shown.failed()
    throw error
  }
}
