import { printable } from '../report/printable.js';

/** A stream to write to. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Where results and remarks go: results alone to standard output, everything else to standard error. Names come from
 * files, servers and exports that may mean no good: in lines whatever could steer the terminal is shown escaped.
 */
export interface Terminal {
  /** A result of many lines, as it is: whoever made it has escaped what is in it. */
  readonly write: (text: string) => void;
  /** A line of a result; one of JSON means the same as before. */
  readonly line: (text: string) => void;
  /** A line of a result that bears colours, as it is: what it is made of is escaped already. */
  readonly painted: (text: string) => void;
  /** A remark, a line on standard error. */
  readonly note: (text: string) => void;
  /** What is being done, in one line that the next one replaces; only where a person watches. '' removes it. */
  readonly progress: (text: string) => void;
  /** Whether results may bear colours. */
  readonly colours: boolean;
}

/** Colours follow https://no-color.org and `FORCE_COLOR`, else whether a person watches. */
export function createTerminal(
  out: Sink,
  err: Sink,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const watched = err.isTTY === true && environment['CI'] === undefined;
  let shown = false;
  const clear = () => {
    if (shown) err.write('\r\u001b[2K');
    shown = false;
  };
  const write = (text: string) => {
    clear();
    out.write(text);
  };
  return {
    write,
    line: (text) => write(`${printable(text)}\n`),
    painted: (text) => write(`${text}\n`),
    note: (text) => {
      clear();
      err.write(`${printable(text)}\n`);
    },
    progress: (text) => {
      if (!watched) return;
      clear();
      if (text !== '') err.write(printable(text));
      shown = text !== '';
    },
    colours: coloursWanted(out, environment),
  };
}

function coloursWanted(out: Sink, environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment['NO_COLOR']) return false;
  if (environment['FORCE_COLOR']) return environment['FORCE_COLOR'] !== '0';
  return out.isTTY === true && environment['TERM'] !== 'dumb';
}
