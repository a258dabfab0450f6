import { createHash } from 'node:crypto';
import { CONTROLS, type ControlName, ENGINE_VERSION } from '../engine/index.js';
import type { EvaluationResult } from '../model/evaluation.js';
import type { EvaluatedFile, EvaluatedRun, Place } from './evaluated-file.js';
import {
  type Finding,
  findingsOf,
  howToFix,
  isAllowed,
  isDeniedSilently,
  objectLabel,
  policyLabel,
  problemText,
  violationText,
} from './findings.js';
import { printable } from './printable.js';
import { type FixesOf, sarifFixes } from './sarif-fixes.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const HELP_URI = 'https://kubernetes.io/docs/concepts/security/pod-security-policy/';
/** GitHub refuses a run with more results. */
const MOST_RESULTS = 25_000;
/** GitHub refuses a rule with more than 20. */
const TAGS = ['security', 'kubernetes', 'pod-security-policy'] as const;

/**
 * SARIF 2.1.0 in the subset that GitHub code scanning takes: a rule a control, a result a violation of a denied pod,
 * none for admitted or skipped ones. What no control speaks of (a file that can't be read, a pod for which no policy
 * may be used, results beyond GitHub's limit) is a notification of the run, so that it is never silent.
 */
export function sarifReport(run: EvaluatedRun): string {
  const results: SarifResult[] = [];
  const seen = new Map<string, number>();
  let dropped = 0;
  for (const evaluated of run.evaluated) {
    const fixes = sarifFixes(evaluated, artifactLocation(evaluated.file));
    for (const finding of findingsOf(evaluated)) {
      if (results.length < MOST_RESULTS) results.push(resultOf(finding, seen, fixes));
      else dropped += 1;
    }
  }
  const notifications = [
    ...run.unreadable.map(({ file, message, problems }) =>
      notification(
        'UNREADABLE',
        [message, ...problems.map(problemText)].join('\n'),
        locationOf(file, problems[0]),
      ),
    ),
    ...run.evaluated.flatMap(silentDenials),
    ...(dropped === 0 ? [] : [notification('TOO_MANY_RESULTS', `${dropped} more violations are left out`)]),
  ];
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Podgate', version: ENGINE_VERSION, rules: RULES } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          { executionSuccessful: run.unreadable.length === 0, toolExecutionNotifications: notifications },
        ],
        results,
        properties: {
          allowed: isAllowed(run),
          policySetDigests: [...new Set(run.evaluated.map(({ report }) => report.policySetDigest))],
        },
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

const RULES = CONTROLS.map(({ name, title, description, help }) => ({
  id: name,
  name: pascalCase(name),
  shortDescription: { text: title },
  fullDescription: { text: description },
  help: { text: help, markdown: `**${title}**\n\n${description}\n\n**How to fix**: ${help}` },
  helpUri: HELP_URI,
  defaultConfiguration: { level: 'error' },
  properties: { tags: TAGS, precision: 'very-high', 'problem.severity': 'error' },
}));

const RULE_INDEX: ReadonlyMap<ControlName, number> = new Map(
  CONTROLS.map(({ name }, index) => [name, index]),
);

function pascalCase(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

type SarifResult = ReturnType<typeof resultOf>;

function resultOf(
  { file, result, candidate, violation, place }: Finding,
  seen: Map<string, number>,
  fixes: FixesOf,
) {
  const index = RULE_INDEX.get(violation.control);
  const policy = policyLabel({ name: candidate.policy, version: candidate.version });
  const fix = howToFix(violation.control);
  const text = `Policy ${policy} does not admit ${objectLabel(result.object)}: ${violationText(violation)}.`;
  return {
    ruleId: violation.control,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: 'error',
    message: { text: plainText(fix === undefined ? text : `${text} How to fix: ${fix}`) },
    locations: [{ ...locationOf(file, place), logicalLocations: [logicalLocation(result, violation.field)] }],
    ...fixes(result, candidate),
    partialFingerprints: { primaryLocationLineHash: fingerprint(result, candidate.policy, violation, seen) },
    properties: {
      policy: candidate.policy,
      policyVersion: candidate.version,
      field: printable(violation.field),
      container: violation.container === null ? null : printable(violation.container),
      decisionId: result.decisionId,
    },
  };
}

/**
 * Who is refused by which policy and why, without lines: the same alert stays the same when the file is edited above
 * it. In the form in which GitHub's own action writes this member (`<16 hex digits>:<occurrence>`).
 */
function fingerprint(
  { object }: EvaluationResult,
  policy: string,
  { control, field, container, message }: Finding['violation'],
  seen: Map<string, number>,
): string {
  const { apiVersion, kind, namespace, name } = object;
  const identity = JSON.stringify([
    apiVersion,
    kind,
    namespace,
    name,
    policy,
    control,
    field,
    container,
    message,
  ]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const occurrence = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, occurrence);
  return `${hash}:${occurrence}`;
}

function logicalLocation({ object }: EvaluationResult, field: string) {
  const { kind, namespace, name } = object;
  return { fullyQualifiedName: printable(`${kind}/${namespace}/${name}/${field}`), kind: 'member' };
}

function silentDenials({ file, report, locate }: EvaluatedFile) {
  return report.results
    .filter(isDeniedSilently)
    .map((result) =>
      notification(
        result.code,
        `${objectLabel(result.object)} is denied: ${result.reason}`,
        locationOf(file, locate(result.object, null)),
      ),
    );
}

function notification(id: string, text: string, location?: ReturnType<typeof locationOf>) {
  return {
    descriptor: { id },
    level: 'error',
    message: { text: plainText(text) },
    ...(location === undefined ? {} : { locations: [location] }),
  };
}

function locationOf(file: string, place: Partial<Place> | undefined) {
  const region =
    place?.line === undefined
      ? {}
      : {
          region: {
            startLine: place.line,
            ...(place.column === undefined ? {} : { startColumn: place.column }),
          },
        };
  return { physicalLocation: { artifactLocation: artifactLocation(file), ...region } };
}

/** A URI (RFC 3986): relative to the root of the sources, or `file:` for a path from the root of the disk. */
function artifactLocation(file: string) {
  const path = file.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  const uri = path.split('/').map(encodeSegment).join('/');
  return path.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' };
}

/** Half a surrogate pair, which has no UTF-8, becomes the replacement character. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.replaceAll(/\p{Cs}/gu, '\ufffd'));
}

/** SARIF reads `[text](target)` in a message as a link. */
function plainText(text: string): string {
  return text.split('\n').map(printable).join('\n').replaceAll('](', '\\](');
}
