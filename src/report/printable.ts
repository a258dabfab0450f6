/**
 * Control characters; the format characters that reorder text on a screen (bidirectional controls, as in "Trojan
 * Source"); line and paragraph separators; halves of surrogate pairs, which UTF-8 can't carry.
 */
const UNPRINTABLE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/**
 * The text with everything unprintable written as `\u001b`: nothing in a manifest can steer a terminal, break a line
 * of a log or make an XML file invalid.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
