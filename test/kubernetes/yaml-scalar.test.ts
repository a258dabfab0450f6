import { expect, test } from 'vitest';
import { resolvePlain, resolveTagged } from '../../src/kubernetes/yaml-scalar.js';

/** What go-yaml v2 makes of plain scalars when it decodes into an interface, as kubectl does. */
const PLAIN: readonly (readonly [string, unknown])[] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (text) => [text, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (text) => [text, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ['yEs', 'yEs'],
  ['tRUE', 'tRUE'],
  ['nULL', 'nULL'],
  ['0', 0],
  ['-0', 0],
  ['+12', 12],
  ['-10', -10],
  ['0xA', 10],
  ['-0x1f', -31],
  ['0x_0A_74_AE', 685_230],
  ['02472256', 685_230],
  ['0o17', 15],
  ['-017', -15],
  ['0b1010', 10],
  ['-0b101010', -42],
  ['685_230', 685_230],
  ['+685_230', 685_230],
  ['-_0', 0],
  ['0_x1', 1],
  ['08', 8],
  ['0.1', 0.1],
  ['.1', 0.1],
  ['-.1', -0.1],
  ['1.', 1],
  ['1e3', 1000],
  ['6.8523e+5', 685_230],
  ['685.230_15e+03', 685_230.15],
  ['123456E1', 1_234_560],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-9223372036854775808', -9_223_372_036_854_775_808n],
  ['+9223372036854775807', 9_223_372_036_854_775_807n],
  ['0x7fffffffffffffff', 9_223_372_036_854_775_807n],
  ['1:20', '1:20'],
  ['12:30:45', '12:30:45'],
  ['190:20:30.15', '190:20:30.15'],
  ['2015-01-01', '2015-01-01'],
  ['2015-02-24T18:19:39Z', '2015-02-24T18:19:39Z'],
  ['1.2.3', '1.2.3'],
  ['1e400', '1e400'],
  ['0x', '0x'],
  ['0b2', '0b2'],
  ['-', '-'],
  ['+', '+'],
  ['.', '.'],
  ['-b_c', '-b_c'],
  ['50cent', '50cent'],
  ['_1', '_1'],
  ['<<', '<<'],
];

test.each(PLAIN)('the plain scalar %j is %s', (text, value) => {
  expect(resolvePlain(text)).toStrictEqual(value);
});

test.each(['.inf', '-.Inf', '+.INF', '.nan', '.NaN'])('%s has no place in JSON', (text) => {
  expect(resolvePlain(text)).toEqual({ refused: `${text} is no JSON value` });
});

test('a very long run of digits is left as text, since reading it as a number would take long', () => {
  const digits = '9'.repeat(100_000);
  expect(resolvePlain(digits)).toBe(digits);
});

test.each([
  ['str', '123', '123'],
  ['str', 'yes', 'yes'],
  ['int', '5', 5],
  ['float', '0', 0],
  ['float', '1.1', 1.1],
  ['bool', 'on', true],
  ['null', '', null],
  ['timestamp', '2015-01-01', '2015-01-01'],
  ['binary', 'aGVsbG8=', 'hello'],
  ['!Ref', 'x', 'x'],
])('!!%s %j is %j', (tag, text, value) => {
  expect(resolveTagged(tag, text)).toStrictEqual(value);
});

test.each([
  ['int', 'x', 'cannot decode "x" as a !!int'],
  ['int', '1.5', 'cannot decode "1.5" as a !!int'],
  ['bool', '1', 'cannot decode "1" as a !!bool'],
  ['binary', '###', '!!binary value contains invalid base64 data'],
])('!!%s %j is refused', (tag, text, refused) => {
  expect(resolveTagged(tag, text)).toEqual({ refused });
});
