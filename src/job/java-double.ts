// A double's text as Java writes it: what the connector's runtime and its FEEL engine do to any number with a
// fraction. Pure; never rounds.

/**
 * What `java.lang.Double.toString` (JDK 19 and later) prints: the shortest decimal that reads back the same, in
 * scientific form below 10^-3 and from 10^7 on.
 */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const sign = value < 0 ? '-' : ''
  const { digits, exponent } = shortest(Math.abs(value))
  if (exponent >= -3 && exponent < 7) {
    const padded = exponent < 0 ? '0'.repeat(-exponent) + digits : digits.padEnd(exponent + 2, '0')
    const point = Math.max(exponent, 0) + 1
    return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`
  }
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`
}

function shortest(value: number): { digits: string; exponent: number } {
  // Java asks for two digits where one would do and takes the nearest: 4.9E-324, not 5.0E-324.
  const oneDigit = /^\de/.test(value.toExponential())
  const [mantissa = '', exponent = '0'] = (oneDigit ? value.toExponential(1) : value.toExponential()).split(
    'e',
  )
  return { digits: mantissa.replace('.', '').replace(/(?<=.)0+$/, ''), exponent: Number(exponent) }
}
