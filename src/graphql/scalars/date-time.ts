import { GraphQLError, type GraphQLScalarTypeConfig, Kind, type ValueNode } from 'graphql';
import { isInstant } from '../../model/instant.js';

const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * `DateTime`: an instant in the grammar of RFC 3339, which always has an offset. Digits beyond milliseconds are cut;
 * days that don't exist, leap seconds and what is not of the years 0001 to 9999 are refused.
 */
export const dateTime = {
  serialize: (value: unknown) => {
    if (value instanceof Date) return value.toISOString();
    throw new GraphQLError('DateTime can show only a Date');
  },
  parseValue: parse,
  parseLiteral: (node: ValueNode) => {
    if (node.kind === Kind.STRING) return parse(node.value);
    throw new GraphQLError('DateTime must be a string such as "2026-03-01T12:00:00Z"', { nodes: node });
  },
} satisfies Partial<GraphQLScalarTypeConfig<Date, string>>;

function parse(value: unknown): Date {
  const match = typeof value === 'string' ? INSTANT.exec(value) : null;
  const [, day, time, fraction, offset] = match ?? [];
  const local = new Date(`${day}T${time}Z`);
  const instant = new Date(`${day}T${time}${fraction?.slice(0, 4) ?? ''}${offset?.toUpperCase()}`);
  // `Date` takes February 30th for March 2nd: only what comes back as it went in exists.
  if (!isInstant(instant) || local.toISOString() !== `${day}T${time}.000Z`) {
    throw new GraphQLError('DateTime must be an instant of RFC 3339 such as "2026-03-01T12:00:00Z"');
  }
  return instant;
}
