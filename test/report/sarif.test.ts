import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { CONTROLS } from '../../src/engine/index.js';
import type { EvaluatedRun } from '../../src/report/evaluated-file.js';
import { sarifReport } from '../../src/report/sarif.js';
import {
  admittedResult,
  BROKEN,
  DEPLOYMENT,
  deniedResult,
  evaluatedFile,
  HOST_NETWORK,
  sampleRun,
} from './sample-run.js';

const require = createRequire(import.meta.url);
const schemaFile = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
// Draft 4 says `id` where later drafts say `$id`; of what else has changed since the schema uses nothing.
const { $schema: _draft, id: $id, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8'));
const isUri = (text: string) => URL.canParse(text);
const isReference = (text: string) => URL.canParse(text, 'http://localhost/') && !/[\s<>"{}|\\^`]/.test(text);
const validate = new Ajv({
  strict: false,
  allErrors: true,
  unicodeRegExp: false,
  formats: { uri: isUri, 'uri-reference': isReference, 'date-time': true },
}).compile({ $id, ...schema });

function sarif(run: EvaluatedRun) {
  const log = JSON.parse(sarifReport(run));
  validate(log);
  expect(validate.errors ?? []).toEqual([]);
  return log.runs[0];
}

const only = (...results: Parameters<typeof evaluatedFile>[1]): EvaluatedRun => ({
  evaluated: [evaluatedFile('web.yaml', results)],
  unreadable: [],
});

describe('the SARIF report', () => {
  it('can be found invalid by the schema that the other cases use', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false);
  });

  it('offers what mends a policy’s objections as an edit of the file, with each of them', () => {
    const patch = [{ op: 'remove', path: '/spec/template/spec/hostNetwork' }] as const;
    const fixes = [{ policy: 'restricted', patch, choices: [], impossible: null }];
    const { results } = sarif(only(deniedResult({ fixes })));
    const line = DEPLOYMENT.split('\n').findIndex((text) => text.includes('hostNetwork')) + 1;
    const deletedRegion = { startLine: line, startColumn: 1, endLine: line + 1, endColumn: 1 };
    const artifactLocation = { uri: 'web.yaml', uriBaseId: '%SRCROOT%' };
    const fix = {
      description: { text: 'remove spec.template.spec.hostNetwork' },
      artifactChanges: [{ artifactLocation, replacements: [{ deletedRegion }] }],
    };
    expect(results).toMatchObject([{ fixes: [fix] }, { fixes: [fix] }]);
  });

  it('offers no edit where the author must choose', () => {
    const choice = { field: 'f', pointer: '/f', message: 'choose', allowed: [] };
    const patch = [{ op: 'remove', path: '/spec/template/spec/hostNetwork' }] as const;
    const fixes = [{ policy: 'restricted', patch, choices: [choice], impossible: null }];
    for (const result of sarif(only(deniedResult({ fixes }))).results)
      expect(result).not.toHaveProperty('fixes');
  });

  it('has one result per violation of a denied pod and none for admitted or skipped ones', () => {
    const { results } = sarif(sampleRun());
    expect(results.map((result: { ruleId: string }) => result.ruleId)).toEqual(['hostNetwork', 'hostPorts']);
  });

  it('says in a result which policy refuses what, where, and how to fix it', () => {
    expect(sarif(sampleRun()).results[0]).toMatchObject({
      ruleId: 'hostNetwork',
      level: 'error',
      message: {
        text: 'Policy restricted v4 does not admit Deployment shop/web: spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used. How to fix: Remove spec.hostNetwork, or set it to false.',
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'manifests/web.yaml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 10, startColumn: 7 },
          },
        },
      ],
      properties: { policy: 'restricted', policyVersion: 4, container: null },
    });
  });

  it('points at the port that a host port is about', () => {
    const [, port] = sarif(sampleRun()).results;
    expect(port.locations[0].physicalLocation.region).toEqual({ startLine: 15, startColumn: 15 });
  });

  it('points at the nearest parent where the field is not in the file', () => {
    const violation = { ...HOST_NETWORK, control: 'fsGroup', field: 'spec.securityContext.fsGroup' } as const;
    const candidates = [
      { policy: 'a', version: 1, outcome: 'REJECTED', mutates: false, violations: [violation] },
    ] as const;
    const [result] = sarif(only(deniedResult({ candidates }))).results;
    expect(result.locations[0].physicalLocation.region).toEqual({ startLine: 9, startColumn: 5 });
  });

  it('has a rule with help for every control, and results that point at theirs', () => {
    const { tool, results } = sarif(sampleRun());
    const { rules } = tool.driver;
    expect(rules.map(({ id }: { id: string }) => id)).toEqual(CONTROLS.map(({ name }) => name));
    for (const rule of rules) {
      expect(rule.help.text).not.toBe('');
      expect(rule.properties.tags.length).toBeLessThanOrEqual(20);
    }
    for (const result of results) expect(rules[result.ruleIndex].id).toBe(result.ruleId);
  });

  it('keeps fingerprints when lines move, and tells equal violations apart', () => {
    const prints = (run: EvaluatedRun): string[] =>
      sarif(run).results.map(
        (result: { partialFingerprints: Record<string, string> }) =>
          result.partialFingerprints['primaryLocationLineHash'],
      );
    const moved: EvaluatedRun = {
      evaluated: [evaluatedFile('manifests/web.yaml', [deniedResult()], `\n\n# moved\n${DEPLOYMENT}`)],
      unreadable: [],
    };
    expect(prints(moved)).toEqual(prints(sampleRun()));
    const twice = prints(only(deniedResult(), deniedResult()));
    expect(new Set(twice).size).toBe(4);
  });

  it('tells of a pod for which no policy may be used in a notification, for there is no violation', () => {
    const silent = deniedResult({ code: 'NO_POLICY_USABLE', reason: 'Nobody may use any.', candidates: [] });
    const { results, invocations, properties } = sarif(only(silent));
    expect(results).toEqual([]);
    expect(properties.allowed).toBe(false);
    expect(invocations[0].toolExecutionNotifications).toMatchObject([
      {
        descriptor: { id: 'NO_POLICY_USABLE' },
        message: { text: 'Deployment shop/web is denied: Nobody may use any.' },
        locations: [{ physicalLocation: { region: { startLine: 5 } } }],
      },
    ]);
  });

  it('tells of a file that can not be read in a notification', () => {
    const [invocation] = sarif(BROKEN).invocations;
    expect(invocation.executionSuccessful).toBe(false);
    expect(invocation.toolExecutionNotifications[0]).toMatchObject({
      message: {
        text: 'The manifests can not be read\nline 7, column 3: unexpected end of the flow mapping',
      },
      locations: [{ physicalLocation: { region: { startLine: 7, startColumn: 3 } } }],
    });
  });

  it('stays within the 25,000 results that GitHub takes and says how many are left out', () => {
    const violations = Array.from({ length: 25_002 }, () => HOST_NETWORK);
    const candidates = [
      { policy: 'a', version: 1, outcome: 'REJECTED', mutates: false, violations },
    ] as const;
    const { results, invocations } = sarif(only(deniedResult({ candidates })));
    expect(results).toHaveLength(25_000);
    expect(invocations[0].toolExecutionNotifications[0].message.text).toBe('2 more violations are left out');
  });

  it.each([
    ['a b/ü%.yaml', 'a%20b/%C3%BC%25.yaml'],
    ['./x/y.yaml', 'x/y.yaml'],
    ['dir\\windows.yaml', 'dir/windows.yaml'],
    ['/etc/pods.yaml', 'file:///etc/pods.yaml'],
    ['half \ud800.yaml', 'half%20%EF%BF%BD.yaml'],
  ])('names the file %j by a URI', (file, uri) => {
    const [result] = sarif({ evaluated: [evaluatedFile(file, [deniedResult()])], unreadable: [] }).results;
    expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
  });

  it('escapes control characters and what would be read as a link', () => {
    const violation = { ...HOST_NETWORK, message: 'bad \u001b[31m [x](http://evil) \u202e' };
    const candidates = [
      { policy: 'a', version: null, outcome: 'REJECTED', mutates: false, violations: [violation] },
    ] as const;
    const [result] = sarif(only(deniedResult({ candidates }))).results;
    expect(result.message.text).toContain('bad \\u001b[31m [x\\](http://evil) \\u202e');
  });

  it('says that all is well in a run without results', () => {
    const { results, properties } = sarif(only(admittedResult()));
    expect([results, properties.allowed]).toEqual([[], true]);
  });
});
