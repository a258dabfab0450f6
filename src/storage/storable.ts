/** What a text has that PostgreSQL may not hold; most have nothing of it. */
// oxlint-disable-next-line no-control-regex -- NUL is what this looks for
const DOUBTFUL = /[\0\ud800-\udfff]/;

/** A text that PostgreSQL can hold: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  if (!DOUBTFUL.test(text)) return text;
  return text.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}
