import { describe, expect, it } from 'vitest';
import { githubReport } from '../../src/report/github.js';
import {
  admittedResult,
  BROKEN,
  deniedResult,
  evaluatedFile,
  HOST_NETWORK,
  sampleRun,
} from './sample-run.js';

describe('the GitHub report', () => {
  it('has an annotation at the place of each violation', () => {
    const [first, second] = githubReport(sampleRun()).split('\n');
    expect(first).toBe(
      '::error file=manifests/web.yaml,line=10,col=7,title=Deployment shop/web is denied::spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used (restricted v4)%0AHow to fix: Remove spec.hostNetwork, or set it to false.',
    );
    expect(second).toMatch(
      /^::error file=manifests\/web\.yaml,line=15,col=15,title=Deployment shop\/web is denied::/,
    );
  });

  it('joins the same objection of several policies into one annotation', () => {
    const candidates = ['a', 'b'].map((policy) => ({
      policy,
      version: 1,
      outcome: 'REJECTED' as const,
      mutates: false,
      violations: [HOST_NETWORK],
    }));
    const file = evaluatedFile('a.yaml', [deniedResult({ candidates })]);
    const lines = githubReport({ evaluated: [file], unreadable: [] })
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('Host network is not allowed to be used (a v1, b v1)');
  });

  it('points at the name of a pod for which no policy may be used', () => {
    const silent = deniedResult({ candidates: [], code: 'NO_POLICY_USABLE', reason: 'Nobody may use any.' });
    const report = githubReport({ evaluated: [evaluatedFile('a.yaml', [silent])], unreadable: [] });
    expect(report).toBe(
      '::error file=a.yaml,line=5,col=3,title=Deployment shop/web is denied::Nobody may use any.\n',
    );
  });

  it('annotates what makes a file unreadable', () => {
    expect(githubReport(BROKEN)).toBe(
      '::error file=charts/a.yaml,line=7,col=3,title=Not evaluated::unexpected end of the flow mapping\n',
    );
  });

  it('lets nothing in a manifest end a command or begin another one', () => {
    const message = '100%\n::error::forged\r\u001b[0m';
    const candidates = [
      {
        policy: 'a',
        version: null,
        outcome: 'REJECTED',
        mutates: false,
        violations: [{ ...HOST_NETWORK, message }],
      },
    ] as const;
    const file = evaluatedFile('a,b:c%.yaml', [deniedResult({ candidates })]);
    const report = githubReport({ evaluated: [file], unreadable: [] });
    expect(report.trimEnd().split('\n')).toHaveLength(1);
    expect(report).toContain('file=a%2Cb%3Ac%25.yaml,');
    expect(report).toContain('100%25\\u000a::error::forged\\u000d\\u001b[0m');
  });

  /** `escapeProperty` of GitHub's toolkit (packages/core/src/command.ts). */
  const escapeProperty = (text: string) =>
    text
      .replace(/%/g, '%25')
      .replace(/\r/g, '%0D')
      .replace(/\n/g, '%0A')
      .replace(/:/g, '%3A')
      .replace(/,/g, '%2C');
  const escapeData = (text: string) => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');

  it.each(['::', '%0A', '100%', ',line=1', 'a::error file=x,line=1::y', '%25', 'ä, %2C:'])(
    "escapes %j as GitHub's toolkit does",
    (text) => {
      const report = githubReport({
        evaluated: [],
        unreadable: [{ file: text, message: text, problems: [] }],
      });
      expect(report).toBe(`::error file=${escapeProperty(text)},title=Not evaluated::${escapeData(text)}\n`);
    },
  );

  it('is empty when nothing is denied', () => {
    const run = { evaluated: [evaluatedFile('a.yaml', [admittedResult()])], unreadable: [] };
    expect(githubReport(run)).toBe('');
  });
});
