import { exactJson } from '../model/exact-json.js';
import { pointerToken, pointerTokens } from '../kubernetes/json-pointer.js';
import { isList, isObject, type JsonValue } from '../kubernetes/json-value.js';
import type { ManifestDocument } from '../kubernetes/list-items.js';
import { type Manifests, parseManifests } from '../kubernetes/manifests.js';
import { patched, valueAt } from '../model/fixes/json-edit.js';
import type { FixOperation } from '../model/fixes/policy-fix.js';
import { sameJson } from '../model/policy-diff/same-json.js';
import type { EvaluatedObject } from '../model/evaluation.js';

/** Whole lines of a file, counted from 1, that others take the place of. */
export interface LineEdit {
  /** The first line that goes; with `count` 0 the line before which the new ones come. */
  readonly line: number;
  /** How many lines go. */
  readonly count: number;
  /** The lines that come, without their ends. */
  readonly lines: readonly string[];
}

/** The edits of a file that make a patch to one of its objects; `null` where it can't be said in whole lines. */
export type SuggestEdits = (
  object: EvaluatedObject,
  patch: readonly FixOperation[],
) => readonly LineEdit[] | null;

/**
 * Suggests edits to a file in YAML's block style. What is suggested was tried: the edited text was read again and gave
 * exactly the patched object, and left the others of a List as they were.
 */
export function editorOf(manifests: Manifests): SuggestEdits {
  const { text, format, documents } = manifests;
  const lines = text.split('\n');
  return ({ document, item }, patch) => {
    const target = documents.find((one) => one.index === document && one.item === item);
    if (format !== 'yaml' || target === undefined || patch.length === 0) return null;
    const edits: LineEdit[] = [];
    for (const operation of patch) {
      const edit = editOf(operation, manifests, target, lines);
      if (edit === null) return null;
      edits.push(edit);
    }
    const range = rangeOf(lines, manifests.locate(target, '').line);
    if (range.end - range.start > MOST_LINES) return null;
    const text = edited(lines.slice(range.start, range.end), edits, range.start);
    return isProven(manifests, target, patch, text) ? edits : null;
  };
}

/** Longer documents are read again for nothing smaller than themselves: not for each of a thousand pods in one. */
const MOST_LINES = 2_000;

/** The lines of the document that a line lies in, from 0, the end excluded. A line that begins with `---` starts one. */
function rangeOf(lines: readonly string[], line: number): { readonly start: number; readonly end: number } {
  const isMarker = (text: string) => text.startsWith('---');
  const end = lines.findIndex((text, i) => i >= line && isMarker(text));
  return {
    start: lines.findLastIndex((text, i) => i < line && isMarker(text)) + 1,
    end: end < 0 ? lines.length : end,
  };
}

function editOf(
  operation: FixOperation,
  manifests: Manifests,
  document: ManifestDocument,
  lines: readonly string[],
): LineEdit | null {
  const { path } = operation;
  const nodeAt = (pointer: string) => blockNode(lines, manifests.locate(document, pointer));
  if (operation.op === 'remove') {
    const node = nodeAt(path);
    return node.isWhole ? { line: node.line, count: node.count, lines: [] } : null;
  }
  const tokens = pointerTokens(path);
  const name = tokens.at(-1) ?? '';
  const written = `${/^[\w/.-]+$/.test(name) ? name : JSON.stringify(name)}: ${exactJson(operation.value)}`;
  if (operation.op === 'replace') {
    const node = nodeAt(path);
    const start = (lines[node.line - 1] ?? '').slice(0, node.column - 1);
    return { line: node.line, count: node.count, lines: [start + written] };
  }
  const parent = valueAt(document.value, tokens.slice(0, -1));
  const [sibling] = isObject(parent) ? Object.keys(parent) : [];
  if (sibling === undefined || isList(parent)) return null;
  const beside = nodeAt(path.slice(0, path.length - pointerToken(name).length) + pointerToken(sibling));
  return { line: beside.line + beside.count, count: 0, lines: [' '.repeat(beside.column - 1) + written] };
}

interface BlockNode {
  readonly line: number;
  readonly column: number;
  readonly count: number;
  /** Whether nothing else stands in its first line. */
  readonly isWhole: boolean;
}

/** The lines of the member or element that begins at a place: all that follow and are indented more deeply. */
function blockNode(
  lines: readonly string[],
  { line, column }: { readonly line: number; readonly column: number },
): BlockNode {
  const before = (lines[line - 1] ?? '').slice(0, column - 1);
  const isElement = /^\s*-\s+$/.test(before);
  const indent = isElement ? before.indexOf('-') : column - 1;
  let end = line;
  for (let next = line; next < lines.length; next++) {
    const text = lines[next] ?? '';
    const own = text.search(/\S/);
    const belongs = own > indent || (own === indent && !isElement && text.startsWith('- ', own));
    if (own >= 0 && !belongs) break;
    if (own >= 0) end = next + 1;
  }
  return { line, column, count: end - line + 1, isWhole: isElement || before.trim() === '' };
}

/** The lines with the edits made, the last in the text first, so that the numbers hold. */
function edited(lines: readonly string[], edits: readonly LineEdit[], first: number): string {
  return edits
    .toSorted((a, b) => b.line - a.line)
    .reduce(
      (text, { line, count, lines: added }) => text.toSpliced(line - 1 - first, count, ...added),
      [...lines],
    )
    .join('\n');
}

function isProven(
  { documents }: Manifests,
  target: ManifestDocument,
  patch: readonly FixOperation[],
  text: string,
): boolean {
  const read = parseManifests(text, 'yaml');
  const before = documents.filter(({ index }) => index === target.index);
  if (!read.ok || read.documents.length !== before.length) return false;
  return before.every((document, i) => {
    const wanted: JsonValue = document === target ? patched(document.value, patch) : document.value;
    return sameJson(wanted, read.documents[i]?.value);
  });
}
