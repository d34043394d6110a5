export function read(text: string): string {
  return JSON.parse(text)
}
