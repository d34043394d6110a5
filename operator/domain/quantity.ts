/**
 * Quantities compared by value: the apiserver rewrites `1024Mi` as `1Gi` and `0.5` as `500m`. Pure.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
}
const form = /^([+-]?)([0-9]*)\.?([0-9]*)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?[0-9]{1,3})$/

/**
 * The value in billionths, the finest unit there is, as a decimal number; finer fractions are rounded up. A text that
 * is not a quantity is returned unchanged, so that it equals only itself.
 */
export function canonicalQuantity(quantity: string | number): string {
  const text = String(quantity)
  const match = form.exec(text)
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  if (whole === '' && fraction === '') return text
  const digits = BigInt(`${whole}${fraction}`)
  const scale = binary[suffix]
  const exponent = (scale === undefined ? exponentOf(suffix) : 0) - fraction.length + 9
  const value = scaled(digits * (scale ?? 1n), exponent)
  return `${sign === '-' && value !== 0n ? '-' : ''}${value}`
}

/** Whole units, rounded down; undefined for a text that is not a quantity. */
export function quantityValue(quantity: string): number | undefined {
  const billionths = canonicalQuantity(quantity)
  return /^-?[0-9]+$/.test(billionths) && form.test(quantity) ? Number(BigInt(billionths) / 10n ** 9n) : undefined
}

function exponentOf(suffix: string): number {
  return decimal[suffix] ?? Number(suffix.slice(1))
}

function scaled(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  return (value + divisor - 1n) / divisor
}
