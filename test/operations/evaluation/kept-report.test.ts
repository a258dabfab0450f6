import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../../src/model/evaluation.js';
import { exactJson } from '../../../src/model/exact-json.js';
import { readReport, reportText } from '../../../src/operations/evaluation/kept-report.js';

const text = fc.oneof(
  fc.constantFrom('\n', ']}', '],"fixes":[', '{"a":1}', ','),
  fc.string({ unit: 'binary' }),
);
const violation = fc.record({
  control: fc.constant('hostPID' as const),
  type: fc.constant('Invalid' as const),
  field: text,
  container: fc.option(text),
  value: fc.oneof(text, fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n }), fc.integer()),
  message: text,
});
const candidate = fc.record({
  policy: text,
  version: fc.option(fc.nat()),
  outcome: fc.constant('REJECTED' as const),
  mutates: fc.boolean(),
  violations: fc.array(violation, { maxLength: 3 }),
});
const fix = fc.record({
  policy: text,
  patch: fc.array(fc.record({ op: fc.constant('add' as const), path: text, value: text })),
  choices: fc.array(fc.record({ field: text, pointer: text, message: text, allowed: fc.array(text) })),
  impossible: fc.option(text),
});
const result = fc.record({
  object: fc.record({
    document: fc.nat(),
    item: fc.option(fc.nat()),
    apiVersion: text,
    kind: text,
    namespace: text,
    name: text,
    podPath: text,
  }),
  decisionId: fc.option(text),
  allowed: fc.boolean(),
  code: fc.constant('NO_POLICY_SATISFIED' as const),
  policy: fc.option(fc.record({ name: text, version: fc.option(fc.nat()) })),
  reason: text,
  patch: fc.array(fc.record({ op: fc.constant('add' as const), path: text, value: text })),
  warnings: fc.array(text),
  candidates: fc.array(candidate, { maxLength: 3 }),
  fixes: fc.array(fix, { maxLength: 3 }),
});
const report: fc.Arbitrary<EvaluationReport> = fc.record({
  allowed: fc.boolean(),
  cluster: fc.option(text),
  policySetDigest: text,
  summary: fc.record({
    documents: fc.nat(),
    evaluated: fc.nat(),
    admitted: fc.nat(),
    denied: fc.nat(),
    skipped: fc.nat(),
  }),
  results: fc.array(result, { maxLength: 3 }),
});

describe('the text of a kept report', () => {
  it('is read as it was written, whatever stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(report, async (kept) => {
        expect(await readReport(await reportText(kept))).toEqual(kept);
      }),
    );
  });

  it('is one JSON text, as earlier versions read and wrote it', async () => {
    await fc.assert(
      fc.asyncProperty(report, async (kept) => {
        expect(await readReport((await reportText(kept)).replaceAll('\n', ''))).toEqual(kept);
        expect(await readReport(exactJson(kept))).toEqual(kept);
      }),
    );
  });

  it('is written and read in turns with others where it is long', async () => {
    const [sample] = fc.sample(result, { seed: 1, numRuns: 1 });
    if (sample === undefined) throw new Error('one was asked for');
    const [one] = fc.sample(report, { seed: 1, numRuns: 1 });
    if (one === undefined) throw new Error('one was asked for');
    const long = { ...one, results: Array.from({ length: 50_000 }, () => sample) };
    let turns = 0;
    const others = setInterval(() => (turns += 1), 1);
    expect((await readReport(await reportText(long))).results).toHaveLength(50_000);
    clearInterval(others);
    expect(turns).toBeGreaterThan(10);
  });
});
