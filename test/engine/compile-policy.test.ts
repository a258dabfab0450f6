import { describe, expect, it } from 'vitest';
import {
  compilePolicy,
  compilePolicySet,
  formatFieldError,
  type PolicySource,
} from '../../src/engine/index.js';
import { ALLOW_ALL } from './controls/control-case.js';

function problems(source: Partial<PolicySource>): string[] {
  const result = compilePolicy({
    name: 'p',
    ...source,
    spec: { ...ALLOW_ALL, allowedUnsafeSysctls: [], ...source.spec },
  });
  return result.ok ? [] : result.problems.map(formatFieldError);
}

describe("the API's validation of a policy", () => {
  it('tells every problem at once, metadata first', () => {
    const found = problems({
      name: 'Bad',
      namespace: 'default',
      annotations: { 'seccomp.security.alpha.kubernetes.io/defaultProfileName': 'localhost//x/..' },
      spec: { runAsUser: { rule: 'Sometimes', ranges: [{ min: 2, max: -1 }] }, volumes: ['cephfs'] },
    });
    expect(found.map((text) => text.split(': ')[0])).toEqual([
      'metadata.name',
      'metadata.namespace',
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/defaultProfileName]',
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/defaultProfileName]',
      'spec.runAsUser.rule',
      'spec.runAsUser.ranges[0].max',
      'spec.runAsUser.ranges[0].min',
      'spec.volumes',
    ]);
  });

  const shape =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  const long = 'x'.repeat(64);

  it.each<[string, Partial<PolicySource>, string[]]>([
    ['no name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
    [
      'labels that are none, by key in byte order',
      { labels: { b: 'a b', [long]: long, a: '', 'x.y/ok_1': 'v.1' } },
      [
        `metadata.labels: Invalid value: "a b": a valid label must be an empty string or ${shape
          .replace('must consist', 'consist')
          .replace("'MyName',  or 'my.name',  or '123-abc'", "'MyValue',  or 'my_value',  or '12345'")
          .replace(/'\(\[A.*'\)$/, "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")}`,
        `metadata.labels: Invalid value: "${long}": name part must be no more than 63 characters`,
        `metadata.labels: Invalid value: "${long}": must be no more than 63 characters`,
      ],
    ],
    [
      'keys that are none',
      { labels: { '': 'v', '/': 'v', 'A/b': 'v', 'a/b/c': 'v' } },
      [
        'metadata.labels: Invalid value: "": name part must be non-empty',
        `metadata.labels: Invalid value: "": name part ${shape}`,
        'metadata.labels: Invalid value: "/": prefix part must be non-empty',
        'metadata.labels: Invalid value: "/": name part must be non-empty',
        `metadata.labels: Invalid value: "/": name part ${shape}`,
        `metadata.labels: Invalid value: "A/b": prefix part ${subdomain}`,
        `metadata.labels: Invalid value: "a/b/c": a qualified name ${shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ],
    ],
    [
      'keys of annotations, in which upper case is free, before the profiles',
      {
        annotations: {
          'a b': '',
          'Example.COM/note': 'any text',
          'seccomp.security.alpha.kubernetes.io/allowedProfileNames': 'odd',
        },
      },
      [
        `metadata.annotations: Invalid value: "a b": name part ${shape}`,
        'metadata.annotations[seccomp.security.alpha.kubernetes.io/allowedProfileNames]: Invalid value: "odd": must be a valid seccomp profile',
      ],
    ],
    [
      'annotations of more than 256 KiB together, in bytes',
      { annotations: { a: 'é'.repeat(128 * 1024) } },
      ['metadata.annotations: Too long: must have at most 262144 bytes'],
    ],
  ])('refuses %s', (_what, source, texts) => {
    expect(problems(source)).toEqual(texts);
  });

  it('takes an annotation that is there without a value for none', () => {
    const absent: Record<string, string | undefined> = { 'no key at all': undefined };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what variants of a policy are made of
    expect(problems({ annotations: absent as Record<string, string> })).toEqual([]);
  });

  it('demands the four strategies', () => {
    const empty = { runAsUser: null, seLinux: null, fsGroup: null, supplementalGroups: null };
    expect(problems({ spec: empty })).toHaveLength(4);
  });

  it.each<[string, PolicySource['spec'], string]>([
    [
      'runAsGroup without ranges',
      { runAsGroup: { rule: 'MustRunAs' } },
      'spec.runAsGroup.ranges: Invalid value: "null": must provide at least one range',
    ],
    [
      'a default runtime class that is not allowed',
      { runtimeClass: { defaultRuntimeClassName: 'a' } },
      'spec.runtimeClass.allowedRuntimeClassNames: Required value: default "a" must be allowed',
    ],
    [
      'a path prefix that climbs',
      { allowedHostPaths: [{ pathPrefix: '/a/..' }] },
      'spec.allowedHostPaths[0]: Invalid value: "/a/..": must not contain \'..\'',
    ],
    [
      'sysctls that are allowed and forbidden',
      { allowedUnsafeSysctls: ['a.*'], forbiddenSysctls: ['a.b'] },
      'spec.forbiddenSysctls[0]: Invalid value: "a.b": sysctl overlaps with a.*',
    ],
    [
      'a default that is not allowed',
      { allowPrivilegeEscalation: false, defaultAllowPrivilegeEscalation: true },
      'spec.defaultAllowPrivilegeEscalation: Invalid value: true: Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true',
    ],
  ])('refuses %s', (_what, spec, text) => {
    expect(problems({ spec })).toEqual([text]);
  });

  it('does not look at proc mount types without their gate, and allows only Default then', () => {
    const gates = { procMountType: false, genericEphemeralVolume: true, ephemeralContainers: true };
    const result = compilePolicy(
      { name: 'p', spec: { ...ALLOW_ALL, allowedProcMountTypes: ['Odd'] } },
      gates,
    );
    expect(result.ok).toBe(true);
  });

  it('accepts the newer volume type image without listing it among those of 1.20', () => {
    expect(problems({ spec: { volumes: ['image'] } })).toEqual([]);
    expect(problems({ spec: { volumes: ['odd'] } })[0]).not.toContain('"image"');
  });
});

describe('a policy set', () => {
  const compiled = (name: string, spec: PolicySource['spec'] = {}) => {
    const result = compilePolicy({ name, spec: { ...ALLOW_ALL, ...spec } });
    if (!result.ok) throw new Error('valid');
    return result.policy;
  };

  it('asks equal parts of many policies once', () => {
    const ranges = [{ min: 1, max: 2 }];
    const strict = (name: string) =>
      compiled(name, { privileged: false, fsGroup: { rule: 'MustRunAs', ranges } });
    const set = compilePolicySet([strict('b'), strict('a'), compiled('c')]);
    expect(set.policies.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    const shared = set.demands.flatMap(({ registered, families }) =>
      families.flatMap(({ parts }) => parts.map(({ policies }) => [registered.control.id, policies])),
    );
    expect(shared).toContainEqual(['privileged', [0, 1]]);
    expect(shared).toContainEqual(['fs-group', [0, 1]]);
  });

  it('tells ids apart that only a bigint tells apart', () => {
    const from = (name: string, min: bigint) =>
      compiled(name, { fsGroup: { rule: 'MustRunAs', ranges: [{ min, max: 9223372036854775807n }] } });
    const set = compilePolicySet([from('a', 9007199254740993n), from('b', 9007199254740992n)]);
    const fsGroup = set.demands.find(({ registered }) => registered.control.id === 'fs-group');
    expect(fsGroup?.families.flatMap(({ parts }) => parts)).toHaveLength(2);
  });
});
