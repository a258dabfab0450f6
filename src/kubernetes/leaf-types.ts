import type { JsonValue } from './json-value.js';

/** A type without fields: what it is called in a message, and which JSON values it takes. */
export interface LeafType {
  readonly expected: string;
  accepts(value: JsonValue): boolean;
  /** What a null in a list becomes. */
  readonly zero: JsonValue;
}

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * `resource.Quantity`: a decimal number with a binary or decimal suffix, or an exponent. Digits can be taken in one way
 * only, so that a text of very many takes linear time.
 */
const QUANTITY = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?\d+)?$/;
/** RFC 3339 as Go's `time.RFC3339` reads it: seconds may have a fraction, the zone is `Z` or an offset. */
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isInt32(value: JsonValue): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= INT32_MIN && value <= INT32_MAX;
}

function isInt64(value: JsonValue): boolean {
  if (typeof value === 'bigint') return value >= INT64_MIN && value <= INT64_MAX;
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isTime(value: JsonValue): boolean {
  const match = typeof value === 'string' ? RFC3339.exec(value) : null;
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lastDay = month === 2 && isLeapYear ? 29 : (DAYS[month - 1] ?? 0);
  const isClock = hour <= 23 && minute <= 59 && second <= 59 && zoneHour <= 24 && zoneMinute <= 60;
  return day >= 1 && day <= lastDay && isClock;
}

/** The leaf types by their names in the field tables. */
export const LEAF_TYPES: ReadonlyMap<string, LeafType> = new Map<string, LeafType>([
  ['string', { expected: 'a string', zero: '', accepts: (value) => typeof value === 'string' }],
  ['bool', { expected: 'true or false', zero: false, accepts: (value) => typeof value === 'boolean' }],
  ['int32', { expected: 'an integer of 32 bits', zero: 0, accepts: isInt32 }],
  ['int64', { expected: 'an integer of 64 bits', zero: 0, accepts: isInt64 }],
  ['time', { expected: 'a time as in RFC 3339', zero: null, accepts: isTime }],
  ['any', { expected: 'anything', zero: null, accepts: () => true }],
  [
    'quantity',
    {
      expected: 'a quantity such as "500m" or "1Gi"',
      zero: '0',
      accepts: (value) =>
        typeof value === 'number' ||
        typeof value === 'bigint' ||
        (typeof value === 'string' && QUANTITY.test(value)),
    },
  ],
  [
    'intOrString',
    {
      expected: 'a string or an integer of 32 bits',
      zero: 0,
      accepts: (value) => typeof value === 'string' || isInt32(value),
    },
  ],
]);
