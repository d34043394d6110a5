import { other } from './import.no-cycle-other.ts'

export const one = (): number => other() + 1
