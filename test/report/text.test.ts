import { describe, expect, it } from 'vitest';
import { howToFix } from '../../src/report/findings.js';
import { textReport } from '../../src/report/text.js';
import { admittedResult, BROKEN, deniedResult, evaluatedFile, sampleRun } from './sample-run.js';

const plain = { colours: false };

describe('the text report', () => {
  it('aligns the verdicts and says for each denial why and how to fix it', () => {
    expect(textReport(sampleRun(), plain)).toBe(`manifests/web.yaml
  denied    Deployment shop/web  None of the policies that may be used admits the pod.
      other v1 may not be used by the pod or the user
      restricted v4 does not admit it
        why          10:7  spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used
                    15:15  spec.containers[0].hostPort: Invalid value: 8080: Host port 8080 is not allowed to be used. Allowed ports: []
        how to fix  ${howToFix('hostNetwork')}
                    ${howToFix('hostPorts')}
  admitted  Pod shop/api         by open v2, which fills in what is missing
  1 skipped: without a pod

1 admitted, 1 denied, 1 skipped
`);
  });

  it('says what to change where that is known, what to choose, and where nothing helps', () => {
    const choice = {
      field: 'spec.containers[0].ports[1].hostPort',
      pointer: '/spec/template/spec/containers/0/ports/1/hostPort',
      message: 'choose a host port from 80-81, or do without one',
      allowed: ['80-81'],
    };
    const patch = [
      { op: 'remove', path: '/spec/template/spec/hostNetwork' },
      { op: 'add', path: '/spec/template/metadata/annotations/a.b~1c', value: 'x' },
    ] as const;
    const lines = (fix: object) => {
      const fixes = [{ policy: 'restricted', patch: [], choices: [], impossible: null, ...fix }];
      const report = textReport(
        { evaluated: [evaluatedFile('a.yaml', [deniedResult({ fixes })])], unreadable: [] },
        plain,
      );
      return report
        .split('\n')
        .slice(6, -4)
        .map((line) => line.slice(20));
    };
    expect(lines({ patch, choices: [choice] })).toEqual([
      'remove spec.template.spec.hostNetwork',
      'set spec.template.metadata.annotations[a.b/c] to "x"',
      'spec.template.spec.containers[0].ports[1].hostPort: choose a host port from 80-81, or do without one',
    ]);
    expect(lines({ impossible: 'no change of the manifest helps' })).toEqual([
      'no change of the manifest helps',
    ]);
  });

  it('says what is wrong with a file that can not be read', () => {
    expect(textReport(BROKEN, plain)).toBe(`charts/a.yaml
  not evaluated  The manifests can not be read
      line 7, column 3: unexpected end of the flow mapping

0 admitted, 0 denied, 0 skipped, 1 not readable
`);
  });

  it('shows warnings below the pod', () => {
    const result = admittedResult({ warnings: ['unknown field "spec.foo"'] });
    const text = textReport({ evaluated: [evaluatedFile('a.yaml', [result])], unreadable: [] }, plain);
    expect(text).toContain('\n            warning: unknown field "spec.foo"\n');
  });

  it('says why a policy can not work', () => {
    const candidates = [
      {
        policy: 'broken',
        version: 1,
        outcome: 'NOT_USABLE',
        mutates: false,
        unusable: 'MustRunAs requires at least one range',
        violations: [],
      },
    ] as const;
    const text = textReport(
      { evaluated: [evaluatedFile('a.yaml', [deniedResult({ candidates })])], unreadable: [] },
      plain,
    );
    expect(text).toContain('broken v1 can not work: MustRunAs requires at least one range');
  });

  it('differs with colours in nothing but colours', () => {
    const coloured = textReport(sampleRun(), { colours: true });
    expect(coloured).toContain('\u001b[31mdenied');
    expect(coloured.replaceAll(/\p{Cc}\[\d+m/gu, '')).toBe(textReport(sampleRun(), plain));
  });

  it('lets nothing in a manifest steer the terminal', () => {
    const object = { ...deniedResult().object, name: 'a\u001b[2J\nfake' };
    const file = evaluatedFile('x\u0007.yaml', [deniedResult({ object })]);
    const text = textReport({ evaluated: [file], unreadable: [] }, plain);
    expect(text).toContain('x\\u0007.yaml');
    expect(text).toContain('a\\u001b[2J\\u000afake');
  });
});
