/** Digits after the suffix only where there is one, so that a text of very many can be taken in one way only. */
const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:([a-zA-Z]+)([+-]?\d*))?$/;
const DECIMAL: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY: ReadonlyMap<string, bigint> = new Map(
  ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, place) => [suffix, 1024n ** BigInt(place + 1)]),
);
/** Kubernetes keeps quantities to the nano, and those of resource lists to the milli, both rounded up. */
const PLACES = { quantity: 9, resource: 3 } as const;

/** So many digits are multiplied at a time: what a BigInt takes to be read and written grows faster than its length. */
const CHUNK = 100;
const NINE = 0x39;

/**
 * A Kubernetes quantity (`1`, `1000m`, `1Gi`, `1e3`) as the digits of an integer in its smallest unit, so that equal
 * quantities are equal however they are written; `null` for what is no quantity.
 */
export function quantityUnits(text: string, kind: keyof typeof PLACES): string | null {
  const [, sign, whole = '', fraction = '', suffix = '', power = ''] = SYNTAX.exec(text) ?? [];
  if (sign === undefined || (whole === '' && fraction === '')) return null;
  const exponential = power !== '' && (suffix === 'e' || suffix === 'E');
  if (power !== '' && !exponential) return null;
  const factor = BINARY.get(suffix);
  const exponent = exponential ? Number(power) : factor === undefined ? DECIMAL.get(suffix) : 0;
  if (exponent === undefined || !(Math.abs(exponent) <= 1000)) return null;
  const digits = factor === undefined ? whole + fraction : times(whole + fraction, factor);
  const units = scaledUp(digits, exponent - fraction.length + PLACES[kind]);
  return sign === '-' && units !== '0' ? `-${units}` : units;
}

/** The digits of a product, which may begin with zeros. */
function times(digits: string, factor: bigint): string {
  const chunks: string[] = [];
  let carry = 0n;
  for (let end = digits.length; end > 0; end -= CHUNK) {
    const product = BigInt(digits.slice(Math.max(end - CHUNK, 0), end)) * factor + carry;
    const written = String(product).padStart(CHUNK, '0');
    chunks.push(written.slice(-CHUNK));
    carry = BigInt(written.slice(0, -CHUNK));
  }
  chunks.push(String(carry));
  return chunks.toReversed().join('');
}

/** A number times a power of ten, rounded up to an integer without zeros before it. */
function scaledUp(digits: string, exponent: number): string {
  const point = Math.max(digits.length + exponent, 0);
  const integer = digits.slice(0, point).padEnd(point, '0').replace(/^0+/, '') || '0';
  return /[1-9]/.test(digits.slice(point)) ? plusOne(integer) : integer;
}

function plusOne(digits: string): string {
  let last = digits.length - 1;
  while (digits.charCodeAt(last) === NINE) last--;
  const zeros = '0'.repeat(digits.length - 1 - last);
  return last < 0 ? `1${zeros}` : `${digits.slice(0, last)}${Number(digits[last]) + 1}${zeros}`;
}
