export const count = (text: string): number => Number.parseInt(JSON.parse(text), 10)
