export async function run(value: number): Promise<number> {
  return await value
}
