import type { InputProblem, Refusal } from './input-problem.js';

/** A place in a text, for people and editors: both count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A decoded text that knows its lines. A line ends with LF, CR LF or CR, as in YAML. */
export class SourceText {
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The line and column of an offset; one pass over the text at the first call, a binary search afterwards. */
  position(offset: number): Position {
    this.#lineStarts ??= lineStarts(this.text);
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  /** A problem at an offset. */
  problem(message: string, offset: number): InputProblem {
    return { message, ...this.position(offset) };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** Making one takes longer than reading a pod with it. */
const STRICT = {
  'utf-8': new TextDecoder('utf-8', { fatal: true }),
  'utf-16le': new TextDecoder('utf-16le', { fatal: true }),
  'utf-16be': new TextDecoder('utf-16be', { fatal: true }),
};

/**
 * Decodes a body: UTF-8, or UTF-16 where a byte order mark says so, as go-yaml's reader does. The mark itself is
 * dropped. Bytes that are no text are refused with the place of the first one.
 */
export function decodeText(
  body: Uint8Array | string,
): { readonly ok: true; readonly source: SourceText } | Refusal {
  if (typeof body === 'string') {
    return { ok: true, source: new SourceText(body.startsWith('\ufeff') ? body.slice(1) : body) };
  }
  const encoding = encodingOf(body);
  try {
    return { ok: true, source: new SourceText(STRICT[encoding].decode(body)) };
  } catch {
    // Decoding again without `fatal` shows the place: the first replacement character that wasn't in the input.
    const lenient = new SourceText(new TextDecoder(encoding).decode(body));
    const problem = lenient.problem(
      `this is not valid ${encoding.toUpperCase()} text`,
      lenient.text.indexOf('\ufffd'),
    );
    return { ok: false, code: 'MALFORMED', problems: [problem] };
  }
}
