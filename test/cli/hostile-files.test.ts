import { describe, expect, it } from 'vitest';
import { call, folderWith } from './call.js';

/** Control characters that a terminal obeys, as a name in a manifest may bear them; the second is a C1 control. */
const STEERING = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e';
// oxlint-disable-next-line no-control-regex -- what must not reach a terminal
const STEERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

const POLICY = JSON.stringify({
  apiVersion: 'policy/v1beta1',
  kind: 'PodSecurityPolicy',
  metadata: { name: 'p' },
  spec: {
    runAsUser: { rule: 'MustRunAsNonRoot' },
    seLinux: { rule: 'RunAsAny' },
    fsGroup: { rule: 'RunAsAny' },
    supplementalGroups: { rule: 'RunAsAny' },
    volumes: ['*'],
  },
});
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: b}]}\n';
const BOMB = `a0: &a0 [lol]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}*a${n}]\n`).join('')}`;
const steeringPod = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `a${STEERING}`, annotations: { [STEERING]: STEERING } },
  spec: { hostPID: true, [STEERING]: 1, containers: [{ name: STEERING, image: STEERING }] },
});

async function evaluate(files: Readonly<Record<string, string | Uint8Array>>, ...options: readonly string[]) {
  const directory = await folderWith({ ...files, 'policies/p.json': POLICY });
  const argv = ['evaluate', ...Object.keys(files), '--policies', 'policies', ...options];
  return call(argv, { directory, environment: { FORCE_COLOR: '0' } });
}

describe('manifest files that mean no good', () => {
  it.each([
    ['UTF-16, the low byte first', Buffer.from(`\ufeff${POD}`, 'utf16le')],
    ['UTF-16, the high byte first', Buffer.from(`\ufeff${POD}`, 'utf16le').swap16()],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${POD}`)],
  ])('are read where they are only odd: %s', async (_, bytes) => {
    const { code, out } = await evaluate({ 'pod.yaml': bytes });
    expect(out).toContain('1 admitted, 0 denied');
    expect(code).toBe(0);
  });

  it.each([
    ['a bomb of aliases', BOMB, /excessive aliasing/],
    ['an alias of itself', 'a: &a {b: {c: *a}}\n', /contains itself/],
    ['a million ends of documents', '--- \n'.repeat(1_000_000), /more than 10000 documents/],
    ['a million objects', '---\na: 1\n'.repeat(1_000_000), /more than 10000 documents/],
    ['lists 100,000 deep', `a: ${'['.repeat(100_000)}`, /nesting exceeded/],
    ['a NUL byte', `${POD}# \0\n`, /binary data/],
    ['half of UTF-16', Buffer.from([0xff, 0xfe, 0x61]), /UTF-16|UTF-8|text|valid/],
  ])('are refused in time: %s', async (_, text, reason) => {
    const begin = performance.now();
    const { code, out } = await evaluate({ 'pod.yaml': text });
    expect(out).toMatch(reason);
    expect(code).toBe(2);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it.each(['text', 'json', 'sarif', 'junit', 'github'])('steer no terminal: as %s', async (format) => {
    const file = `a${STEERING}\n::error::forged.json`;
    const { code, out, err } = await evaluate(
      { [file]: steeringPod, 'b.yaml': `${STEERING}: [` },
      '-o',
      format,
    );
    expect(code).toBe(2);
    expect(out).toContain('u001b');
    expect(`${out}${err}`).not.toMatch(STEERS);
    expect(out).not.toMatch(/^::error::forged/m);
  });

  it('steer no terminal by the names of what is passed over, or of the policies', async () => {
    const directory = await folderWith({
      [`in/${STEERING}.yaml`]: 'a: 1\n',
      'in/pod.yaml': POD,
      'policies/p.json': POLICY.replace('"volumes"', `${JSON.stringify(STEERING)}:1,"volumes"`),
      'bad/q.json': POLICY.replace('"p"', JSON.stringify(STEERING)),
    });
    const environment = { FORCE_COLOR: '0' };
    for (const argv of [
      ['evaluate', 'in', '--policies', 'policies'],
      ['evaluate', 'in', '--policies', 'bad'],
      ['import', 'policies', '--dry-run'],
      ['import', 'bad', '--dry-run'],
      ['diff', 'policies/p.json', 'bad/q.json'],
      ['evaluate', STEERING],
      [STEERING],
    ]) {
      const { out, err } = await call(argv, { directory, environment });
      expect(`${out}${err}`, argv.join(' ')).not.toMatch(STEERS);
    }
  });

  it('grant nothing, and steer no terminal, by what a dump says of RBAC', async () => {
    const rbac = (kind: string, more: object) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind,
      metadata: { name: STEERING },
      ...more,
    });
    const odd: unknown[] = [null, 1, 'x', [], {}, [null], [[]], [1], { __proto__: null }];
    const use = { verbs: ['use'], apiGroups: ['policy'], resources: ['podsecuritypolicies'] };
    const items = [
      JSON.parse(POLICY) as object,
      rbac('ClusterRole', { rules: [{ ...use, resourceNames: [STEERING, 'p'] }] }),
      rbac('ClusterRoleBinding', {
        roleRef: { kind: 'ClusterRole', name: STEERING },
        subjects: [{ kind: 'User', name: STEERING }, ...odd],
      }),
      rbac('ClusterRoleBinding', { roleRef: { kind: 'ClusterRole', name: `${STEERING}2` } }),
      ...odd.flatMap((value) => [
        rbac('ClusterRole', { metadata: { name: 'odd' }, rules: value, aggregationRule: value }),
        rbac('RoleBinding', { roleRef: value, subjects: value, metadata: value }),
      ]),
    ];
    const directory = await folderWith({
      'dump.json': JSON.stringify({ kind: 'List', apiVersion: 'v1', items }),
    });
    const { code, out, err } = await call(['import', 'dump.json', '--dry-run'], { directory });
    expect(`${out}${err}`).not.toMatch(STEERS);
    expect([code, out]).toEqual([0, expect.stringContaining('User \\u001b[2J')]);
  });
});
