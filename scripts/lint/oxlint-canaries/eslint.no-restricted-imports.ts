import fc from 'fast-check'

export const draw = (): readonly number[] => fc.sample(fc.nat())
