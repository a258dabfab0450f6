import { isTokenSecret } from '../../src/access/token.js';

/** Something in a log that may not be there. */
export interface Leak {
  readonly what: string;
  /** The line that it is in, shortened. */
  readonly line: string;
}

/** Shorter ones could be in a text by chance, and none that lets somebody in is shorter. */
const SHORTEST = 16;

/** What gives itself away by its form, whoever made it. */
const FORMS: readonly (readonly [what: string, form: RegExp, isOne?: (text: string) => boolean])[] = [
  ['a token of Podgate', /podgate_[\w-]{51}/g, isTokenSecret],
  ['a signed JWT', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/g],
  ['a password in a URL', /\b\w+:\/\/[^\s:/?#"']*:(?!\[masked\])[^\s@/"']+@/g],
];

/** Looks through what was logged for the secrets that were used, and for what has the form of one. */
export function findSecrets(log: string, secrets: Iterable<string>): readonly Leak[] {
  const leaks: Leak[] = [];
  const note = (what: string, at: number) => leaks.push({ what, line: lineAt(log, at) });
  for (const [what, form, isOne = () => true] of FORMS)
    for (const match of log.matchAll(form)) if (isOne(match[0])) note(what, match.index);
  const used = [...secrets].filter((secret) => secret.length >= SHORTEST);
  if (used.length === 0) return leaks;
  // One alternation of all is quick: Node looks for a thousand of them in some 10 MB a second.
  const any = new RegExp(used.map((secret) => secret.replaceAll(/[^\w-]/g, '\\$&')).join('|'), 'g');
  for (const match of log.matchAll(any)) note('a secret that a test has used', match.index);
  return leaks;
}

const LONGEST_LINE = 300;

function lineAt(log: string, at: number): string {
  const begin = Math.max(log.lastIndexOf('\n', at) + 1, at - LONGEST_LINE / 2);
  const end = log.indexOf('\n', at);
  return log.slice(begin, Math.min(end === -1 ? log.length : end, begin + LONGEST_LINE));
}
