import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicy, compilePolicySet, evaluate, SERVER_GATES } from '../../src/engine/index.js';
import type { JsonObject, JsonValue } from '../../src/kubernetes/json-value.js';
import { maskSecrets } from '../../src/kubernetes/masking.js';
import { decodePolicy } from '../../src/kubernetes/policy-manifest.js';

function container(members: JsonObject): JsonObject {
  return { spec: { containers: [{ name: 'a', ...members }] } };
}

describe('what may be secret is masked', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'values of environment variables, not where they come from',
      {
        env: [
          { name: 'A', value: 'x' },
          { name: 'B', value: '' },
          { name: 'C', valueFrom: { secretKeyRef: { key: 'k', name: 's' } } },
        ],
        envFrom: [{ secretRef: { name: 's' } }],
      },
      {
        env: [
          { name: 'A', value: '***' },
          { name: 'B', value: '' },
          { name: 'C', valueFrom: { secretKeyRef: { key: 'k', name: 's' } } },
        ],
        envFrom: [{ secretRef: { name: 's' } }],
      },
    ],
    [
      'options with telling names, joined or apart',
      { args: ['--password=x', '--db-token', 'y', '--port', '80', '-secret', '--flag', 'z'] },
      { args: ['--password=***', '--db-token', '***', '--port', '80', '-secret', '--flag', 'z'] },
    ],
    [
      'the value of an option that the command ends with',
      { command: ['app', '--password'], args: ['hunter2', '--port', '80'] },
      { command: ['app', '--password'], args: ['***', '--port', '80'] },
    ],
    [
      'the value of an option, also one that begins like an option; but no option with two dashes or one letter',
      { args: ['--password', '-hunter2', '--token', '-v', '--secret', '--verbose', '--pwd', '--', 'x'] },
      { args: ['--password', '***', '--token', '-v', '--secret', '--verbose', '--pwd', '--', 'x'] },
    ],
    [
      'the value of an option after one that may be a value',
      { args: ['--password', '-token', 'hunter2'] },
      { args: ['--password', '***', '***'] },
    ],
    [
      'the value of an option with a long name',
      { args: [`--${'a'.repeat(150)}-password${'b'.repeat(150)}`, 'hunter2'] },
      { args: [`--${'a'.repeat(150)}-password${'b'.repeat(150)}`, '***'] },
    ],
    [
      'all that an option has after its name',
      {
        args: [
          '--password=ab,hunter2',
          '--password=ab&hunter2',
          "-Dpwd=ab'hunter2",
          '--token="ab\nhunter2"',
          '--secret=a b',
        ],
      },
      { args: ['--password=***', '--password=***', '-Dpwd=***', '--token=***', '--secret=***'] },
    ],
    [
      'assignments and headers in scripts',
      {
        command: [
          'sh',
          '-c',
          'export API_KEY="a b" PGPASSWORD=c; curl -H "Authorization: Bearer abcdefgh12" x',
        ],
      },
      { command: ['sh', '-c', 'export API_KEY=*** PGPASSWORD=***; curl -H "Authorization: Bearer ***" x'] },
    ],
    ['users in URLs', { args: ['postgres://me:pw@db:5432/x'] }, { args: ['postgres://***@db:5432/x'] }],
    [
      'names that are long, begin with anything or hold several such words',
      { args: [`x ${'a'.repeat(200)}-token_of.password=b`, 'a="secret:1 c=d"', 'e=pwd=f'] },
      { args: [`x ${'a'.repeat(200)}-token_of.password=***`, 'a="secret:*** c=d"', 'e=pwd=***'] },
    ],
    [
      'headers of probes, but for the harmless ones',
      {
        livenessProbe: {
          httpGet: {
            port: 1,
            httpHeaders: [
              { name: 'Authorization', value: 'x' },
              { name: 'Host', value: 'h' },
            ],
          },
        },
      },
      {
        livenessProbe: {
          httpGet: {
            port: 1,
            httpHeaders: [
              { name: 'Authorization', value: '***' },
              { name: 'Host', value: 'h' },
            ],
          },
        },
      },
    ],
    [
      'secrets in the paths of probes and hooks, but for the rest of the path',
      {
        livenessProbe: { httpGet: { port: 1, path: '/health?token=hunter2&full=1' } },
        lifecycle: { preStop: { httpGet: { port: 1, path: '/stop?api_key=hunter2' } } },
        readinessProbe: { httpGet: { port: 1, path: '/ready?full=1' } },
      },
      {
        livenessProbe: { httpGet: { port: 1, path: '/health?token=***&full=1' } },
        lifecycle: { preStop: { httpGet: { port: 1, path: '/stop?api_key=***' } } },
        readinessProbe: { httpGet: { port: 1, path: '/ready?full=1' } },
      },
    ],
    [
      'commands of probes and hooks',
      { lifecycle: { preStop: { exec: { command: ['x', '--token=y'] } } } },
      { lifecycle: { preStop: { exec: { command: ['x', '--token=***'] } } } },
    ],
  ])('%s', (_, before, after) => {
    expect(maskSecrets(container(before))).toEqual(container(after));
  });

  test('annotations with telling names and what kubectl remembers, but none that a policy reads', () => {
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': '{"env":"x"}',
      'example.com/auth-token': 'x',
      'example.com/url': 'https://a:b@c/',
      'container.apparmor.security.beta.kubernetes.io/token': 'runtime/default',
      'seccomp.security.alpha.kubernetes.io/pod': 'localhost/secret=x',
      plain: 'text',
    };
    expect(maskSecrets({ metadata: { annotations } })).toEqual({
      metadata: {
        annotations: {
          ...annotations,
          'kubectl.kubernetes.io/last-applied-configuration': '***',
          'example.com/auth-token': '***',
          'example.com/url': 'https://***@c/',
        },
      },
    });
  });

  test('settings of volume drivers and the user of a repository', () => {
    const spec = {
      volumes: [
        { name: 'a', flexVolume: { driver: 'd', options: { password: 'x', share: 'y' } } },
        { name: 'b', csi: { driver: 'd', volumeAttributes: { secretKey: 'x' } } },
        { name: 'c', gitRepo: { repository: 'https://u:p@h/r' } },
      ],
    };
    expect(maskSecrets({ spec })).toEqual({
      spec: {
        volumes: [
          { name: 'a', flexVolume: { driver: 'd', options: { password: '***', share: 'y' } } },
          { name: 'b', csi: { driver: 'd', volumeAttributes: { secretKey: '***' } } },
          { name: 'c', gitRepo: { repository: 'https://***@h/r' } },
        ],
      },
    });
  });

  test('an object without secrets is returned itself', () => {
    const object = container({ args: ['a', '--b=c'], env: [{ name: 'A', valueFrom: {} }] });
    expect(maskSecrets(object)).toBe(object);
  });
});

describe('laws', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '--password',
      '--token=x',
      'a=b',
      'TOKEN: y',
      'https://u:p@h',
      '"',
      'Bearer abcdefghij',
      '***',
      '--password hunter2',
      '-hunter2',
      'Authorization: Digest a, b',
      'pwd: |\n  a\n  b\nc: d',
    ),
  );
  const context = fc.record(
    { privileged: fc.boolean(), runAsUser: fc.integer({ min: 0, max: 9 }) },
    { requiredKeys: [], noNullPrototype: true },
  );
  const anyContainer = fc.record(
    {
      name: fc.constantFrom('a', 'token', 'password'),
      command: fc.array(text, { maxLength: 4 }),
      args: fc.array(text, { maxLength: 4 }),
      livenessProbe: fc.record(
        { httpGet: fc.record({ path: text }, { noNullPrototype: true }) },
        { noNullPrototype: true },
      ),
      env: fc.array(fc.record({ name: text, value: text }, { noNullPrototype: true }), { maxLength: 2 }),
      securityContext: context,
      ports: fc.array(
        fc.record(
          { containerPort: fc.integer({ min: 1, max: 9 }), hostPort: fc.integer({ min: 0, max: 9 }) },
          { noNullPrototype: true },
        ),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['name'], noNullPrototype: true },
  );
  const anyPod = fc.record(
    {
      metadata: fc.record(
        {
          name: fc.constant('x'),
          annotations: fc.dictionary(
            fc.oneof(
              text,
              fc.constantFrom(
                'container.apparmor.security.beta.kubernetes.io/token',
                'seccomp.security.alpha.kubernetes.io/pod',
              ),
            ),
            text,
            { noNullPrototype: true },
          ),
        },
        { noNullPrototype: true },
      ),
      spec: fc.record(
        {
          containers: fc.array(anyContainer, { minLength: 1, maxLength: 2 }),
          hostNetwork: fc.boolean(),
          volumes: fc.array(
            fc.record(
              { name: text, hostPath: fc.record({ path: text }, { noNullPrototype: true }) },
              { noNullPrototype: true },
            ),
            { maxLength: 2 },
          ),
        },
        { noNullPrototype: true },
      ),
    },
    { noNullPrototype: true },
  );

  function policySet() {
    const rule = { rule: 'RunAsAny' };
    const value: JsonValue = {
      apiVersion: 'policy/v1beta1',
      kind: 'PodSecurityPolicy',
      metadata: {
        name: 'p',
        annotations: {
          'apparmor.security.beta.kubernetes.io/allowedProfileNames': 'runtime/default',
          'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*',
        },
      },
      spec: {
        runAsUser: { rule: 'MustRunAs', ranges: [{ min: 1, max: 5 }] },
        seLinux: rule,
        fsGroup: rule,
        supplementalGroups: rule,
        volumes: ['hostPath'],
        allowedHostPaths: [{ pathPrefix: '/a' }],
        hostPorts: [{ min: 1, max: 5 }],
      },
    };
    const read = decodePolicy(value);
    const compiled = read.ok ? compilePolicy(read.manifest) : undefined;
    if (compiled?.ok !== true) throw new Error('the policy is wrong');
    return compilePolicySet([compiled.policy]);
  }

  test('the engine says the same of the masked pod', () => {
    const set = policySet();
    const judge = (pod: JsonObject) =>
      evaluate(set, { pod, operation: 'CREATE', usable: () => true, gates: SERVER_GATES }).candidates;
    fc.assert(
      fc.property(anyPod, (pod) => {
        expect(judge(maskSecrets(pod))).toEqual(judge(pod));
      }),
    );
  });

  test('masking twice changes nothing more, and never changes what it is given', () => {
    fc.assert(
      fc.property(anyPod, (pod) => {
        const before = JSON.stringify(pod);
        const once = maskSecrets(pod);
        expect(maskSecrets(once)).toEqual(once);
        expect(JSON.stringify(pod)).toBe(before);
      }),
    );
  });

  test.each(['password=', 'password: ', '"', "token='", 'a://', 'Bearer ', 'secret'])(
    'a long run of %j takes no long time',
    (piece) => {
      const started = performance.now();
      maskSecrets(container({ args: [piece.repeat(100_000)] }));
      expect(performance.now() - started).toBeLessThan(3_000);
    },
  );
});

describe('masking a long argument', () => {
  test.each([
    'a',
    'password',
    'token',
    '://',
    'https://a',
    'secret="',
    `pwd='"`,
    'pass-',
    `pwd${' '.repeat(11)}`,
    'Bearer ',
    '=',
  ])('is no matter of minutes, whatever it repeats: %j', (repeated) => {
    const masked = maskSecrets(container({ args: [repeated.repeat(3_000_000 / repeated.length), 'pwd=x'] }));
    expect(masked).toMatchObject({ spec: { containers: [{ args: [expect.anything(), 'pwd=***'] }] } });
  });
});
