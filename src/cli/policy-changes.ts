import { decodePolicy, type PolicyManifest } from '../kubernetes/policy-manifest.js';
import type { JsonValue } from '../engine/index.js';
import { exactJson } from '../model/exact-json.js';
import type { PolicyChange, PolicyDiff } from '../model/policy-diff/policy-diff.js';
import { printable } from '../report/printable.js';
import { UsageError } from './exit-code.js';
import type { PolicyInFile } from './policy-files.js';
import { type Cell, table } from './table.js';

/** The manifest of a policy that was already found good. */
export function manifestOf({ file, value }: Pick<PolicyInFile, 'file' | 'value'>): PolicyManifest {
  const decoded = decodePolicy(value);
  if (!decoded.ok) throw new UsageError(`${file}: the policy can not be read`);
  return decoded.manifest;
}

const COLOURS = { TIGHTENS: 'green', LOOSENS: 'red', CHANGES: 'yellow', DEFAULTS: undefined } as const;
const MEANINGS = {
  EQUIVALENT: 'admits the same pods',
  TIGHTENED: 'admits fewer pods',
  LOOSENED: 'admits more pods',
  MIXED: 'admits other pods',
} as const;

/** What a difference means, in a few words. */
export function diffMeaning({ verdict }: PolicyDiff): string {
  return `${verdict}: ${MEANINGS[verdict]}`;
}

/** The fields that differ, as lines of a table. */
export function diffLines({ changes }: PolicyDiff, colours: boolean): string[] {
  if (changes.length === 0) return [];
  return table(['EFFECT', 'FIELD', 'BEFORE', 'AFTER'], changes.map(changeCells), colours);
}

function changeCells({ effect, field, before, after }: PolicyChange): readonly Cell[] {
  const colour = COLOURS[effect];
  return [
    { text: effect, ...(colour === undefined ? {} : { colour }) },
    { text: field },
    { text: valueText(before) },
    { text: valueText(after) },
  ];
}

function valueText(value: JsonValue): string {
  return value === null ? '(absent)' : printable(exactJson(value));
}
