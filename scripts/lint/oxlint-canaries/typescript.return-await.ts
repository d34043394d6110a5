export async function run(work: () => Promise<void>): Promise<void> {
  try {
    return work()
  } catch (cause) {
    throw new Error('it failed', { cause })
  }
}
