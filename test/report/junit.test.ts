import { describe, expect, it } from 'vitest';
import { howToFix } from '../../src/report/findings.js';
import { junitReport } from '../../src/report/junit.js';
import {
  admittedResult,
  BROKEN,
  deniedResult,
  evaluatedFile,
  HOST_NETWORK,
  sampleRun,
} from './sample-run.js';

describe('the JUnit report', () => {
  it('has a testcase per evaluated pod and one failure per denial', () => {
    expect(junitReport(sampleRun())).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="podgate" tests="2" failures="1" errors="0" skipped="0">
  <testsuite name="manifests/web.yaml" tests="2" failures="1" errors="0" skipped="0">
    <testcase name="Deployment shop/web" classname="manifests/web.yaml" file="manifests/web.yaml" line="5" time="0">
      <failure type="NO_POLICY_SATISFIED" message="None of the policies that may be used admits the pod.">
other v1 may not be used by the pod or the user
restricted v4: spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used
restricted v4: spec.containers[0].hostPort: Invalid value: 8080: Host port 8080 is not allowed to be used. Allowed ports: []
  how to fix: ${howToFix('hostNetwork')}
  how to fix: ${howToFix('hostPorts')}
      </failure>
    </testcase>
    <testcase name="Pod shop/api" classname="manifests/web.yaml" file="manifests/web.yaml" line="24" time="0"/>
  </testsuite>
</testsuites>
`);
  });

  it('shows a file that can not be read as an error, not as a testcase', () => {
    expect(junitReport(BROKEN)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="podgate" tests="0" failures="0" errors="1" skipped="0">
  <testsuite name="charts/a.yaml" tests="0" failures="0" errors="1" skipped="0">
    <system-err>
The manifests can not be read
line 7, column 3: unexpected end of the flow mapping
    </system-err>
  </testsuite>
</testsuites>
`);
  });

  it('keeps markup and characters that XML can not hold out of the file', () => {
    const violation = { ...HOST_NETWORK, message: 'a <b> & "c" \u0000\u0008\ud800\uffff' };
    const candidates = [
      { policy: 'a', version: 1, outcome: 'REJECTED', mutates: false, violations: [violation] },
    ] as const;
    const file = evaluatedFile('<&">.yaml', [deniedResult({ candidates })]);
    const xml = junitReport({ evaluated: [file], unreadable: [] });
    expect(xml).toContain('a &lt;b&gt; &amp; &quot;c&quot; \\u0000\\u0008\\ud800\\uffff');
    expect(xml).toContain('<testsuite name="&lt;&amp;&quot;&gt;.yaml"');
  });

  it('tells pods of the same name apart by document', () => {
    const unnamed = (document: number) =>
      admittedResult({ object: { ...admittedResult().object, name: '', document } });
    const xml = junitReport({
      evaluated: [evaluatedFile('a.yaml', [unnamed(0), unnamed(2)])],
      unreadable: [],
    });
    expect(xml).toContain('name="Pod shop/(document 1)"');
    expect(xml).toContain('name="Pod shop/(document 3)"');
  });
});
