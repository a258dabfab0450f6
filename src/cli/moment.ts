import { UsageError } from './exit-code.js';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** What an option says of a time: as RFC 3339 writes it, or so long before `now`. Throws {@link UsageError}. */
export function momentOf(option: string, text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return undefined;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) {
    if (/^\d{4}-\d\d-\d\d[Tt]/.test(text)) return text;
    throw new UsageError(`--${option} must be a time such as 2027-03-01T12:00:00Z, or 90s, 15m, 2h, 7d`);
  }
  // The expression lets nothing else through.
  const seconds = SECONDS[unit as keyof typeof SECONDS];
  return new Date(now.getTime() - Number(count) * seconds * 1000).toISOString();
}
