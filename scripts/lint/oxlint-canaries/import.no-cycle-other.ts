import { one } from './import.no-cycle.ts'

export const other = (): number => one() + 1
