import { type JsonObject, member, objectAt, textMember } from '../kubernetes/json-value.js';
import { printable } from '../report/printable.js';
import { shown } from './answers.js';

const WIDTHS = { time: 24, verdict: 8, object: 40, policy: 24 } as const;

/** The heading over {@link decisionLine}s. */
export const DECISION_HEADING = lineOf('TIME', 'VERDICT', 'OBJECT', 'POLICY', 'REASON');

/** A decision in one line, in columns of fixed width, for lines come one by one. */
export function decisionLine(decision: JsonObject, colours: boolean): string {
  const object = objectAt(decision, 'object') ?? {};
  const allowed = member(decision, 'allowed') === true;
  const policy = textMember(decision, 'policy');
  const line = lineOf(
    printable(shown(decision, 'decidedAt')),
    allowed ? 'admitted' : 'denied',
    printable(`${shown(object, 'kind')} ${shown(object, 'namespace')}/${shown(object, 'name')}`),
    policy === undefined ? '' : printable(`${policy} v${shown(decision, 'policyVersion')}`),
    printable(shown(decision, 'reason')),
  );
  return colours ? `\u001b[${allowed ? 32 : 31}m${line}\u001b[0m` : line;
}

function lineOf(time: string, verdict: string, object: string, policy: string, reason: string): string {
  const columns = [
    time.padEnd(WIDTHS.time),
    verdict.padEnd(WIDTHS.verdict),
    object.padEnd(WIDTHS.object),
    policy.padEnd(WIDTHS.policy),
    reason,
  ];
  return columns.join('  ').trimEnd();
}
