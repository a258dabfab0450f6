import { parseValue } from 'graphql';
import { describe, expect, test } from 'vitest';
import { dateTime } from '../../../src/graphql/scalars/date-time.js';

describe('DateTime takes the instants of RFC 3339', () => {
  test.each([
    ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01t12:00:00z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T12:00:00.25Z', '2026-03-01T12:00:00.250Z'],
    ['2026-03-01T12:00:00.123456789Z', '2026-03-01T12:00:00.123Z'],
    ['2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00.000Z'],
    ['2024-02-29T23:59:59-00:30', '2024-03-01T00:29:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s', (text, instant) => {
    expect(dateTime.parseValue(text).toISOString()).toBe(instant);
    expect(dateTime.parseLiteral(parseValue(JSON.stringify(text))).toISOString()).toBe(instant);
  });
});

describe('DateTime refuses', () => {
  test.each([
    ['a day that does not exist', '2026-02-30T12:00:00Z'],
    ['a month that does not exist', '2026-13-01T12:00:00Z'],
    ['an hour that does not exist', '2026-03-01T24:00:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['an offset that does not exist', '2026-03-01T12:00:00+99:00'],
    ['the year 0', '0000-12-31T23:59:59Z'],
    ['what is of the year 0 in UTC', '0001-01-01T00:00:00+01:00'],
    ['what is of the year 10000 in UTC', '9999-12-31T23:59:59-01:00'],
    ['a local time', '2026-03-01T12:00:00'],
    ['a date alone', '2026-03-01'],
    ['a blank for the T', '2026-03-01 12:00:00Z'],
    ['no text', ''],
    ['a number', 1_772_366_400_000],
    ['null', null],
  ])('%s', (_, value) => {
    expect(() => dateTime.parseValue(value)).toThrow(
      'DateTime must be an instant of RFC 3339 such as "2026-03-01T12:00:00Z"',
    );
  });

  test('a literal that is no string', () => {
    expect(() => dateTime.parseLiteral(parseValue('2026'))).toThrow('DateTime must be a string');
  });
});

test('DateTime shows an instant in UTC with milliseconds, and nothing else', () => {
  expect(dateTime.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  expect(() => dateTime.serialize('1970-01-01T00:00:00.000Z')).toThrow('DateTime can show only a Date');
});
