import type { DecisionCandidate } from '../../model/decision.js';
import type { EvaluationReport, EvaluationResult } from '../../model/evaluation.js';
import { exactJson, parseExactJson } from '../../model/exact-json.js';
import type { PolicyFix } from '../../model/fixes/policy-fix.js';
import { mapInTurns, textInTurns } from '../../model/turns.js';

/** The lines between what is said, and the ends of those that open a list. */
const RESULTS = '"results":[';
const CANDIDATES = '"candidates":[';
const FIXES = '],"fixes":[';
const END = ']}';

/**
 * A report as one JSON text with a line for each thing in it, so that one of megabytes is written and read line by line
 * while others get their turns. (JSON's own texts have no line breaks in them.)
 */
export async function reportText(report: EvaluationReport): Promise<string> {
  let text = '';
  for await (const part of textInTurns(linesOf(report))) text += part;
  return text;
}

function* linesOf({ results, ...report }: EvaluationReport): Generator<string> {
  yield `${opened(report)}${RESULTS}\n`;
  for (const [index, { candidates, fixes, ...result }] of results.entries()) {
    yield `${index === 0 ? '' : ','}${opened(result)}${CANDIDATES}\n`;
    yield* lines(candidates);
    yield `${FIXES}\n`;
    yield* lines(fixes);
    yield `${END}\n`;
  }
  yield END;
}

/** The JSON of an object, to be continued with a member. */
function opened(value: object): string {
  return `${exactJson(value).slice(0, -1)},`;
}

function* lines(items: readonly unknown[]): Generator<string> {
  for (const [index, item] of items.entries()) yield `${index === 0 ? '' : ','}${exactJson(item)}\n`;
}

/** The report of a text that {@link reportText} wrote, or of any other JSON text of a report. */
export async function readReport(text: string): Promise<EvaluationReport> {
  const [head = '', ...rest] = text.split('\n');
  // What was kept was a report then, and so are its parts.
  if (rest.length === 0) return parseExactJson(head) as EvaluationReport;
  const reading = new Reading();
  await mapInTurns(rest, (line) => reading.read(line));
  const report = closed(head, RESULTS) as Omit<EvaluationReport, 'results'>;
  return { ...report, results: reading.results };
}

interface OpenResult {
  readonly result: Omit<EvaluationResult, 'candidates' | 'fixes'>;
  readonly candidates: DecisionCandidate[];
  readonly fixes: PolicyFix[];
}

/** Puts results together, line by line. */
class Reading {
  readonly results: EvaluationResult[] = [];
  #open: OpenResult | null = null;
  #inFixes = false;

  read(line: string): void {
    const text = line.startsWith(',') ? line.slice(1) : line;
    if (this.#open === null) {
      if (text === END) return;
      const result = closed(text, CANDIDATES) as OpenResult['result'];
      this.#open = { result, candidates: [], fixes: [] };
      this.#inFixes = false;
    } else if (text === FIXES) {
      this.#inFixes = true;
    } else if (text === END) {
      const { result, candidates, fixes } = this.#open;
      this.results.push({ ...result, candidates, fixes });
      this.#open = null;
    } else if (this.#inFixes) {
      this.#open.fixes.push(parseExactJson(text) as PolicyFix);
    } else {
      this.#open.candidates.push(parseExactJson(text) as DecisionCandidate);
    }
  }
}

/** What {@link opened} wrote, without the list that follows. */
function closed(line: string, list: string): unknown {
  return parseExactJson(`${line.slice(0, -list.length - 1)}}`);
}
