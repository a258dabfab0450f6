const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?([a-zA-Z]*)([+-]?\d*)$/;
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
/** Kubernetes keeps quantities to the nano, and those of resource lists to the milli, both rounded up. */
const PLACES = { quantity: 9, resource: 3 } as const;

/**
 * A Kubernetes quantity (`1`, `1000m`, `1Gi`, `1e3`) as an integer in its smallest unit, so that equal quantities are
 * equal however they are written; `null` for what is no quantity.
 */
export function quantityUnits(text: string, kind: keyof typeof PLACES): bigint | null {
  const [, sign, whole = '', fraction = '', suffix = '', digits = ''] = SYNTAX.exec(text) ?? [];
  if (sign === undefined || (whole === '' && fraction === '')) return null;
  const exponential = digits !== '' && (suffix === 'e' || suffix === 'E');
  if (digits !== '' && !exponential) return null;
  const exponent = exponential ? Number(digits) : (DECIMAL[suffix] ?? (suffix in BINARY ? 0 : null));
  if (exponent === null || Math.abs(exponent) > 1000) return null;
  const scale = exponent - fraction.length + PLACES[kind];
  const mantissa = BigInt(`${whole}${fraction}`) << BigInt(BINARY[suffix] ?? 0);
  const units = scale >= 0 ? mantissa * 10n ** BigInt(scale) : divideUp(mantissa, 10n ** BigInt(-scale));
  return sign === '-' ? -units : units;
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
