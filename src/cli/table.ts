import { printable } from '../report/printable.js';

/** A cell of a printed table. */
export interface Cell {
  readonly text: string;
  readonly colour?: 'green' | 'red' | 'yellow';
}

const ANSI = {
  green: '\u001b[32m',
  red: '\u001b[31m',
  yellow: '\u001b[33m',
  bold: '\u001b[1m',
  reset: '\u001b[0m',
};

/** Lines of an aligned table under a heading; the last column is not padded. Control characters are shown escaped. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly Cell[])[],
  colours: boolean,
): string[] {
  const cells = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.text.length ?? 0)),
  );
  const pad = (text: string, column: number) =>
    column === heading.length - 1 ? text : text.padEnd(widths[column] ?? 0);
  const paint = (text: string, code: string) => (colours ? `${code}${text}${ANSI.reset}` : text);
  const head = heading.map((title, column) => paint(pad(title, column), ANSI.bold)).join('  ');
  const body = cells.map((row) =>
    row
      .map(({ text, colour }, column) => {
        const padded = pad(text, column);
        return colour === undefined ? padded : paint(padded, ANSI[colour]);
      })
      .join('  ')
      .trimEnd(),
  );
  return [head, ...body];
}
