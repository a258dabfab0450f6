import { type FieldError, invalid } from './violation.js';

const PATTERN_TEXT = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?\\.)*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]';
const PATTERN = new RegExp(`^${PATTERN_TEXT}$`);
const MAX_LENGTH = 253;

/** The API's validation of one of a policy's two lists of sysctl patterns. */
export function validateSysctls(field: string, patterns: readonly string[]): FieldError[] {
  const problems: FieldError[] = [];
  patterns.forEach((pattern, i) => {
    if (pattern === '') problems.push(invalid(`${field}[${i}]`, pattern, 'empty sysctl not allowed'));
    else if (!isPattern(pattern)) {
      const message = `must have at most ${MAX_LENGTH} characters and match regex ${PATTERN_TEXT}`;
      problems.push(invalid(`${field}[${i}]`, pattern, message));
    }
  });
  const coversAll = patterns.some((pattern) => pattern.startsWith('*') && isPattern(pattern));
  if (coversAll && patterns.length > 1) {
    const message = "if '*' is present, must not specify other sysctls";
    problems.push({ type: 'Forbidden', field: `${field}.items`, value: '', message });
  }
  return problems;
}

function isPattern(pattern: string): boolean {
  return pattern.length <= MAX_LENGTH && PATTERN.test(pattern);
}

/** The API's check that nothing is allowed and forbidden at once. */
export function validateOverlaps(allowed: readonly string[], forbidden: readonly string[]): FieldError[] {
  const problems: FieldError[] = [];
  allowed.forEach((allow, i) => {
    forbidden.forEach((forbid, j) => {
      const blamed = overlap(allow, forbid);
      if (blamed === 'allowed') {
        problems.push(invalid(`spec.allowedUnsafeSysctls[${i}]`, allow, `sysctl overlaps with ${forbid}`));
      } else if (blamed === 'forbidden') {
        problems.push(invalid(`spec.forbiddenSysctls[${j}]`, forbid, `sysctl overlaps with ${allow}`));
      }
    });
  });
  return problems;
}

/** Which of two patterns lies within the other and is therefore blamed. */
function overlap(allow: string, forbid: string): 'allowed' | 'forbidden' | 'none' {
  const allowPrefix = prefixOf(allow);
  const forbidPrefix = prefixOf(forbid);
  if (forbidPrefix !== null && (allowPrefix ?? allow).startsWith(forbidPrefix)) return 'allowed';
  if (allowPrefix !== null && (forbidPrefix ?? forbid).startsWith(allowPrefix)) return 'forbidden';
  return allow === forbid ? 'allowed' : 'none';
}

function prefixOf(pattern: string): string | null {
  return pattern.endsWith('*') ? pattern.slice(0, -1) : null;
}
