import { NAMESPACE_PATTERN, type NamespaceMode } from '../../model/admission.js';
import type { InputProblem } from '../../model/errors.js';

const MOST_NAMESPACE_MODES = 1_000;

/** What is wrong with a cluster's exceptions from its mode. */
export function checkNamespaceModes(modes: readonly NamespaceMode[]): readonly InputProblem[] {
  if (modes.length > MOST_NAMESPACE_MODES) {
    const message = `namespaceModes must have at most ${MOST_NAMESPACE_MODES} entries`;
    return [{ message, field: 'namespaceModes', pointer: '/namespaceModes' }];
  }
  const problems: InputProblem[] = [];
  const seen = new Set<string>();
  for (const [index, { namespace: value }] of modes.entries()) {
    const place = {
      field: `namespaceModes[${index}].namespace`,
      pointer: `/namespaceModes/${index}/namespace`,
      value,
    };
    if (!NAMESPACE_PATTERN.test(value)) {
      const message = 'must be the name of a namespace, or a pattern with "*" for any characters';
      problems.push({ message, type: 'Invalid', ...place });
    } else if (seen.has(value)) problems.push({ message: 'is there twice', type: 'Duplicate', ...place });
    seen.add(value);
  }
  return problems;
}
