/**
 * What gives a credential away in a text, and what is written instead. Clients choose much of the text: none of these
 * may read a character again for each of those before it, so that a long line takes no more than its length.
 */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/podgate_[A-Za-z0-9_-]{16,}/g, 'podgate_[masked]'],
  // A signed JWT: header and payload are JSON objects in base64url. What comes behind a word is looked at once, at the
  // word's beginning, and only where it fits is the header's beginning looked for in the word.
  [
    /(?<![\w-])(?=[\w-]+\.eyJ[\w-]{8,}\.[\w-])([\w-]*?)\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/g,
    '$1[masked JWT]',
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\w+/=\s\\]*/g, '[masked private key]'],
  [/\b(Bearer|Basic) +[\x21\x23-\x5b\x5d-\x7e]+/gi, '$1 [masked]'],
  [/(?<!\w)(\w+:\/\/[^\s:/?#"]*):[^\s@/"]+@/g, '$1:[masked]@'],
  // The secret in the path of a cluster's webhook: /admission/CLUSTER/~SECRET/mutate
  [/(\/admission\/[^/"]*\/)~[^/?"\s]+/g, '$1~[masked]'],
];

/** Characters that JSON leaves as they are and a terminal may obey: C1 controls, line separators, direction marks. */
const UNSAFE_CHARACTERS = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line of JSON without credentials and without characters that could disguise it. It stays the JSON it was: all
 * that is replaced can occur in its strings only.
 */
export function maskSecrets(line: string): string {
  const masked = MASKS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
  return masked.replace(UNSAFE_CHARACTERS, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
