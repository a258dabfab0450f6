import { exactJson } from '../model/exact-json.js';
import { textInTurns } from '../model/turns.js';

/** Answers with more objects, lists and values than this are written in turns: it takes longer than a turn. */
const LARGE = 5_000;
/** So many levels down an answer is cut into pieces: data, an evaluation, its results, their candidates. */
const LEVELS = 7;

/** The JSON of an answer; other requests get their turns while a large one is written. */
export function answerText(answer: object): string | Promise<string> {
  return sizeOf(answer, LARGE) > 0 ? exactJson(answer) : joined(textInTurns(pieces(answer, LEVELS)));
}

async function joined(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

/** What is left of a number of values when those in an answer are taken away; nothing more is counted from zero on. */
function sizeOf(value: unknown, left: number): number {
  if (typeof value !== 'object' || value === null) return left - 1;
  let rest = left - 1;
  for (const child of Object.values(value)) {
    if (rest <= 0) break;
    rest = sizeOf(child, rest);
  }
  return rest;
}

/** JSON in pieces that don't reach deeper than so many levels. */
function* pieces(value: unknown, levels: number): Generator<string> {
  if (levels === 0 || typeof value !== 'object' || value === null) {
    yield exactJson(value ?? null);
    return;
  }
  const isList = Array.isArray(value);
  let separator = isList ? '[' : '{';
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined && !isList) continue;
    yield isList ? separator : `${separator}${JSON.stringify(key)}:`;
    yield* pieces(child, levels - 1);
    separator = ',';
  }
  const open = separator === ',' ? '' : separator;
  yield `${open}${isList ? ']' : '}'}`;
}
