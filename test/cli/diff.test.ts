import { describe, expect, it } from 'vitest';
import { call, folderWith } from './call.js';

const policy = (spec: string) => `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: p}
spec:
  runAsUser: {rule: RunAsAny}
  seLinux: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
${spec}`;

describe('podgate diff', () => {
  it('tells the fields that differ and what that means', async () => {
    const directory = await folderWith({
      'a.yaml': policy('  hostPID: true\n'),
      'b.yaml': policy('  hostIPC: true\n'),
    });
    const { code, out } = await call(['diff', 'a.yaml', 'b.yaml'], { directory });
    expect(code).toBe(0);
    expect(out).toBe(`MIXED: admits other pods
EFFECT    FIELD         BEFORE    AFTER
TIGHTENS  spec.hostPID  true      (absent)
LOOSENS   spec.hostIPC  (absent)  true
`);
  });

  it('ends with 1 on request where the policies do not admit the same pods', async () => {
    const same = policy('  volumes: [secret, configMap]\n');
    const directory = await folderWith({
      'a.yaml': same,
      'b.yaml': policy('  volumes: [configMap, secret]\n'),
      'c.yaml': policy('  volumes: [secret]\n'),
    });
    const codes = [
      await call(['diff', 'a.yaml', 'b.yaml', '--exit-code'], { directory }),
      await call(['diff', 'a.yaml', 'c.yaml', '--exit-code'], { directory }),
      await call(['diff', 'a.yaml', 'c.yaml'], { directory }),
    ].map(({ code }) => code);
    expect(codes).toEqual([0, 1, 0]);
  });

  it('takes one side from standard input and gives witnesses as JSON', async () => {
    const directory = await folderWith({ 'b.yaml': policy('  hostIPC: true\n') });
    const { out } = await call(['diff', '-', 'b.yaml', '--json'], { directory, input: policy('') });
    const { verdict, changes } = JSON.parse(out);
    expect(verdict).toBe('LOOSENED');
    expect(changes[0].witness.spec.hostIPC).toBe(true);
  });

  it('refuses anything but two files with a policy each', async () => {
    const directory = await folderWith({
      'a.yaml': policy(''),
      'two.yaml': `${policy('')}---\n${policy('').replace('name: p', 'name: q')}`,
    });
    const codes = [
      await call(['diff', 'a.yaml'], { directory }),
      await call(['diff', 'a.yaml', 'two.yaml'], { directory }),
      await call(['diff', 'a.yaml', 'missing.yaml'], { directory }),
    ].map(({ code }) => code);
    expect(codes).toEqual([2, 2, 2]);
  });
});
