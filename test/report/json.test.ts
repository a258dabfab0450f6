import { describe, expect, it } from 'vitest';
import { jsonReport } from '../../src/report/json.js';
import { REPORT_FORMATS, renderReport } from '../../src/report/render.js';
import {
  admittedResult,
  BROKEN,
  deniedResult,
  evaluatedFile,
  HOST_NETWORK,
  sampleRun,
} from './sample-run.js';

describe('the JSON report', () => {
  it('is the evaluate endpoint’s answer with files and places', () => {
    const report = JSON.parse(jsonReport(sampleRun()));
    expect(report).toMatchObject({
      allowed: false,
      cluster: 'prod',
      summary: { documents: 3, evaluated: 2, admitted: 1, denied: 1, skipped: 1 },
      errors: [],
    });
    expect(report.results[0]).toMatchObject({ file: 'manifests/web.yaml', object: { name: 'web' } });
    expect(report.results[0].candidates[1].violations[0]).toEqual({ ...HOST_NETWORK, line: 10, column: 7 });
    expect(report.results[1]).toEqual({ file: 'manifests/web.yaml', ...admittedResult() });
  });

  it('lists what is wrong with files that can not be read', () => {
    expect(JSON.parse(jsonReport(BROKEN)).errors).toEqual([
      { file: 'charts/a.yaml', message: 'unexpected end of the flow mapping', line: 7, column: 3 },
    ]);
  });

  it('writes integers beyond 2^53 exactly', () => {
    const violation = { ...HOST_NETWORK, value: 9223372036854775807n };
    const candidates = [
      { policy: 'a', version: 1, outcome: 'REJECTED', mutates: false, violations: [violation] },
    ] as const;
    const file = evaluatedFile('a.yaml', [deniedResult({ candidates })]);
    expect(jsonReport({ evaluated: [file], unreadable: [] })).toContain('"value":9223372036854775807');
  });

  it('has no digest where the policies changed between two files', () => {
    const [first, second] = [evaluatedFile('a.yaml', []), evaluatedFile('b.yaml', [])];
    const other = { ...second, report: { ...second.report, policySetDigest: 'sha256:other' } };
    expect(JSON.parse(jsonReport({ evaluated: [first, other], unreadable: [] })).policySetDigest).toBeNull();
  });
});

describe('every format', () => {
  it.each(REPORT_FORMATS)('%s tells the denial apart from a run in which all is admitted', (format) => {
    const admitted = {
      evaluated: [evaluatedFile('a.yaml', [admittedResult({ candidates: [] })])],
      unreadable: [],
    };
    const denied = { evaluated: [evaluatedFile('a.yaml', [deniedResult()])], unreadable: [] };
    const render = (run: typeof denied) => renderReport(format, run, { colours: false });
    expect(render(denied)).toContain('Host network is not allowed to be used');
    expect(render(admitted)).not.toContain('Host network is not allowed');
  });
});
