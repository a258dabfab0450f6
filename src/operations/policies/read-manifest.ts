import { compilePolicy, type FieldError } from '../../engine/index.js';
import { pointerOfField } from '../../kubernetes/field-pointer.js';
import { type ParsedPolicy, parsePolicyManifest } from '../../kubernetes/policy-manifest.js';
import { type ErrorCode, type InputProblem, MOST_PROBLEMS, PodgateError } from '../../model/errors.js';
import { lintPolicy } from '../../model/policy-lint/lint-policy.js';
import type { PolicyWarning } from '../../model/policy-lint/policy-warning.js';
import type { SourceFormat } from '../../model/policy.js';

/** A policy's text, read and found good. */
export interface ReadManifest {
  readonly name: string;
  /** Canonical JSON of what counts in it. */
  readonly content: string;
  /** What is odd about it but not wrong. */
  readonly warnings: readonly PolicyWarning[];
}

/**
 * Reads a policy as the API server would on `kubectl apply`. Throws MALFORMED for text that doesn't parse and INVALID
 * with every problem, each with its place in the text, for what the API server would refuse; TOO_LARGE for more than
 * 256 Ki characters.
 */
export function readManifest(text: string, format: SourceFormat, expectedName: string | null): ReadManifest {
  if (text.length > LONGEST_POLICY) throw new PodgateError('TOO_LARGE', MESSAGES.TOO_LARGE);
  const parsed = parsePolicyManifest(text, format);
  if (!parsed.ok) throw new PodgateError(parsed.code, MESSAGES[parsed.code], { problems: parsed.problems });
  const { manifest } = parsed;
  const problems = nameProblems(parsed, expectedName);
  const compiled = compilePolicy(manifest);
  if (!compiled.ok) {
    // Those that wouldn't be told aren't looked up in the text, which takes longer than finding them.
    const told = compiled.problems.slice(0, MOST_PROBLEMS - problems.length);
    problems.push(...told.map((problem) => positioned(problem, parsed)));
  }
  if (!compiled.ok || problems.length > 0) throw new PodgateError('INVALID', MESSAGES.INVALID, { problems });
  const unknown = parsed.warnings.map(
    (message): PolicyWarning => ({ code: 'UNKNOWN_FIELD', message, field: null, policies: [manifest.name] }),
  );
  const warnings = [...unknown, ...lintPolicy(manifest)];
  return { name: manifest.name, content: manifest.content, warnings };
}

/**
 * Most characters of a policy's manifest: Kubernetes allows as much of annotations. A policy is compiled in one piece, on
 * every server that uses it.
 */
export const LONGEST_POLICY = 256 * 1024;

const MESSAGES = {
  MALFORMED: 'The policy can not be read',
  INVALID: 'The policy is not valid',
  TOO_LARGE: `The policy is too large: it may have ${LONGEST_POLICY} characters`,
} as const satisfies Partial<Record<ErrorCode, string>>;

function nameProblems(parsed: ParsedPolicy, expectedName: string | null): InputProblem[] {
  const { name: value } = parsed.manifest;
  // That a name is missing the engine says.
  if (expectedName === null || value === '' || value === expectedName) return [];
  const place = { field: 'metadata.name', pointer: '/metadata/name', ...parsed.locate('/metadata/name') };
  const message = `metadata.name must be ${JSON.stringify(expectedName)}, the name in the request`;
  return [{ message, type: 'Invalid', value, ...place }];
}

function positioned(problem: FieldError, parsed: ParsedPolicy): InputProblem {
  const pointer = pointerOfField(problem.field);
  const { type, field, value } = problem;
  return { message: problem.message, type, field, value, pointer, ...parsed.locate(pointer) };
}
