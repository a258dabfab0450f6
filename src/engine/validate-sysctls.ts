import { countAtStart } from './binary-search.js';
import { SysctlPatterns } from './sysctl-patterns.js';
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

/**
 * Most pairs of an allowed and a forbidden pattern that are told to overlap: of two lists as long as a policy may have
 * there are hundreds of millions.
 */
const MOST_OVERLAPS = 1_000;

/** A pattern, and the text that a name has to be or to begin with. */
interface Pattern {
  readonly text: string;
  readonly stem: string;
  readonly isPrefix: boolean;
}

/** The API's check that nothing is allowed and forbidden at once. */
export function validateOverlaps(allowed: readonly string[], forbidden: readonly string[]): FieldError[] {
  const problems: FieldError[] = [];
  const forbiddenPatterns = forbidden.map(patternOf);
  const mayOverlap = overlapFinder(forbidden, forbiddenPatterns);
  for (const [i, allow] of allowed.map(patternOf).entries()) {
    if (!mayOverlap(allow)) continue;
    for (let j = 0; j < forbiddenPatterns.length; j++) {
      const forbid = forbiddenPatterns[j];
      const blamed = forbid === undefined ? 'none' : overlap(allow, forbid);
      if (forbid === undefined || blamed === 'none') continue;
      const isAllowed = blamed === 'allowed';
      const field = isAllowed ? `spec.allowedUnsafeSysctls[${i}]` : `spec.forbiddenSysctls[${j}]`;
      const [one, other] = isAllowed ? [allow, forbid] : [forbid, allow];
      problems.push(invalid(field, one.text, `sysctl overlaps with ${other.text}`));
      if (problems.length === MOST_OVERLAPS) return problems;
    }
  }
  return problems;
}

function patternOf(text: string): Pattern {
  const isPrefix = text.endsWith('*');
  return { text, stem: isPrefix ? text.slice(0, -1) : text, isPrefix };
}

/** Tells whether a pattern overlaps with any of a list, so that those that don't aren't held against each. */
function overlapFinder(texts: readonly string[], patterns: readonly Pattern[]): (one: Pattern) => boolean {
  const list = new SysctlPatterns(texts);
  const stems = patterns.map(({ stem }) => stem).sort();
  return ({ stem, isPrefix }) => {
    if (list.match(stem)) return true;
    // Those that begin with a text are the first that are not before it.
    const next = isPrefix ? stems[countAtStart(stems, (each) => each < stem)] : undefined;
    return next?.startsWith(stem) === true;
  };
}

/** Which of two patterns lies within the other and is therefore blamed. */
function overlap(allow: Pattern, forbid: Pattern): 'allowed' | 'forbidden' | 'none' {
  if (forbid.isPrefix && allow.stem.startsWith(forbid.stem)) return 'allowed';
  if (allow.isPrefix && forbid.stem.startsWith(allow.stem)) return 'forbidden';
  return allow.text === forbid.text ? 'allowed' : 'none';
}
