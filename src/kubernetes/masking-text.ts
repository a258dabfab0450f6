/**
 * Which parts of a text, a script or a command line may be secret. Every pattern takes time in proportion to the text,
 * whatever it holds: a part is looked through from one beginning only, or a given number of characters of it. What may be
 * long is repeated as `x+?` or as a single class, for which Node needs no memory a repetition.
 */

/** What stands in the place of a value that may be secret. */
export const MASK = '***';

/** Names of things that are worth hiding, as parts of option, variable, annotation and header names. */
const SECRET_WORD =
  'pass(?:word|wd|phrase)|pwd|token|secret|credential|api[-_]?key|access[-_]?key|private[-_]?key|authorization|cookie';
const SECRET_NAME = new RegExp(SECRET_WORD, 'i');
/** A text without any of these has nothing to be masked: most are left after this one look. */
const HINT = new RegExp(`${SECRET_WORD}|private key|bearer|basic|://`, 'i');

/** A whole name that holds one of these words, looked at from its beginning only. */
const nameWith = (word: string) => String.raw`(?<![\w.-])(?=[\w.-]*?(?:${word}))[\w.-]+`;
const NAME = nameWith(SECRET_WORD);
const HEADER = String.raw`${nameWith('authorization|cookie')}[ \t]*:[ \t]*`;
/** The first word of a credential, which says what follows. */
const SCHEME = String.raw`(?:(?:Basic|Bearer|Digest|Negotiate|Token)[ \t]+)?`;

/** Between quotes, which in a text within a text have backslashes: `"…"`, `\"…\"`, `\\\"…\\\"`. */
const OPEN = String.raw`(?<open>\\{0,15}["'])`;
const CLOSE = String.raw`(?<!\\)\k<open>`;
/** To the closing quote or the end; only to one in the same line where the first seems to close what was before. */
const QUOTED = String.raw`${OPEN}(?:(?![\s;,)\]}&|<>])[^]*?(?:${CLOSE}|$)|[^\n]*?${CLOSE})[^\s"',;&|)}\]\\]*`;
/** Without quotes: to a blank or what ends a word in a shell; to a comma only where another name follows, or no word. */
const WORD_END = String.raw`(?:(?<!\\)[ \t]|[^\S \t]|["';&|]|,(?:[\s"',;&|]|[\w.-]+[=:]|$)|\\{1,15}["']|$)`;
const PLAIN = String.raw`(?![\s"',;&|]|\\{1,15}["']|\\\r?\n|>[-+\d]{0,2}[ \t]*\n)[^]+?(?=${WORD_END})`;
const MASKED = String.raw`\*{3}(?=[\s"',;&|)}\]\\]|$)`;
const VALUE = `(?:${MASKED}|${QUOTED}|${PLAIN})`;

/** After `name:` the value may stand alone in the next line, as in YAML; not a list or an object. */
const NEXT_LINE = String.raw`(?<=:)[ \t]*\r?\n[ \t]+(?![-#][ \t]|["']?[\w.-]+["']?[ \t]*:(?:\s|$))`;
/** Between an option and its value: blanks, the end of a continued line, or a comma in a list of quoted words. */
const NEXT_WORD = String.raw`(?:[ \t]+|[ \t]*\\\r?\n[ \t]*|\\{0,15}["'],[ \t]*(?=[\\"']))`;
/** What follows an option that has no value: another option, or where its input or output goes. */
const LONG_OPTION = String.raw`--[a-z][\w.-]*`;
const NO_VALUE = String.raw`(?!(?:--?|-[a-z]|${LONG_OPTION})(?:[\s=;&|)"']|$)|["']--?[a-z]|\d?[<>])`;

type Rule = readonly [pattern: RegExp, replacement: string];

/** What gives itself away by its form. */
const FORMS: readonly Rule[] = [
  // A private key, to its end or as far as what follows may be part of one.
  [
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\w+/=\s\\:,.-]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?![\w+/=\s\\:,.-]))/g,
    MASK,
  ],
  // `https://user:password@host`: what stands before the host. A slash is part of a password only after `user:`, and
  // where that isn't a host with its port.
  [
    /:\/\/(?:[^\s/"']+@|[^\s/:@"'[]*:(?!(?:\d{1,5}|\$[\w(){}]+)[/?#])(?:(?!:\/\/)[^\s@"'])*?@(?:[^\s/"'?#]*@)?)/g,
    `://${MASK}@`,
  ],
  [/\b(Bearer|Basic)([ \t]+)[\w.~+/=-]{8,}/gi, `$1$2${MASK}`],
];

/** What a name gives away. */
const NAMED: readonly Rule[] = [
  // `Authorization: …` as a line or between quotes: all that follows, since such a value may have many parts.
  [new RegExp(`(?<head>(?:^|=)[ \\t]*${HEADER}${SCHEME})\\S[^\\n]*`, 'gim'), `$<head>${MASK}`],
  [
    new RegExp(
      String.raw`(?<quote>["'])(?<head>${HEADER}${SCHEME})(?!\s|\\{0,15}\k<quote>)[^\n]+?(?=\\{0,15}\k<quote>|\n|$)`,
      'gi',
    ),
    `$<quote>$<head>${MASK}`,
  ],
  // `password: |` and the lines below it, in YAML.
  [
    new RegExp(
      String.raw`(?<head>${NAME}["']?[ \t]*:[ \t]*[|>][-+\d]{0,2}\s*\n(?<indent>[ \t]+))\S[^]*?(?=\n(?!\k<indent>|[ \t\r]*(?:\n|$))|$)`,
      'gi',
    ),
    `$<head>${MASK}`,
  ],
  // `--password value` in a script.
  [new RegExp(`(?<head>(?=-)${NAME}${NEXT_WORD})${NO_VALUE}${VALUE}`, 'gi'), `$<head>${MASK}`],
  // `password=…`, `TOKEN: …`, `"secret": "…"`, `pwd := …`.
  [
    new RegExp(
      String.raw`(?<head>${NAME}\\{0,15}["']?[ \t]*[=:]{1,3}>?(?:[ \t]*|${NEXT_LINE})${SCHEME})${VALUE}`,
      'gi',
    ),
    `$<head>${MASK}`,
  ],
];

/** `--db-password`, `-secret`: an option whose value is the next argument. */
const SECRET_OPTION = new RegExp(`^(?=-)${NAME}$`, 'i');
/** `--password=…` as one argument: nothing in it can be anything else but the value. */
const JOINED_OPTION = new RegExp(`^(?<head>(?=-)${NAME}[=:])[^]+$`, 'i');
const OPTION = new RegExp(`^(?:--?|-[a-z]|${LONG_OPTION}(?:=[^]*)?)$`, 'i');

/** How often a text is looked through at most, until nothing more is found: where a value was, another may now show. */
const MOST_PASSES = 4;

/** Whether a name tells that what it names is secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A text without the values that may be secret; one that still shows another after a few looks, not at all. */
export function maskText(text: string): string {
  if (!HINT.test(text)) return text;
  let masked = text;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = masked;
    masked = applyRules(FORMS, masked);
    if (isSecretName(masked)) masked = applyRules(NAMED, masked);
    if (masked === before) return masked;
  }
  return MASK;
}

function applyRules(rules: readonly Rule[], text: string): string {
  let masked = text;
  for (const [pattern, replacement] of rules) masked = masked.replace(pattern, replacement);
  return masked;
}

/** One word of a command line. */
export function maskArgument(argument: string): string {
  const masked = argument.replace(JOINED_OPTION, `$<head>${MASK}`);
  return masked === argument ? maskText(argument) : masked;
}

/** Whether the argument after this one is the value of a secret option, as far as this one tells. */
export function isSecretOption(argument: string): boolean {
  return SECRET_OPTION.test(argument);
}

/** Whether an argument is clearly an option itself, `-v` or `--verbose`, and so not the value of the one before it. */
export function isOption(argument: string): boolean {
  return OPTION.test(argument);
}
