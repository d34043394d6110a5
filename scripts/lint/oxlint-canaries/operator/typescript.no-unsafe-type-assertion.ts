export const read = (value: unknown): string => value as string
