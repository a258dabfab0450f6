import { beforeAll, describe, expect, it } from 'vitest';
import type { OperationContext } from '../../../src/operations/context.js';
import {
  evaluateAgainst,
  type EvaluateAgainstInput,
} from '../../../src/operations/evaluation/evaluate-against.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, testServices } from '../../support/operation-context.js';

let context: OperationContext;

beforeAll(async () => {
  context = contextOf(testServices(await testDatabase()));
});

const anything = { rule: 'RunAsAny' };
const policy = (name: string, spec: object = {}) => ({
  apiVersion: 'policy/v1beta1',
  kind: 'PodSecurityPolicy',
  metadata: { name },
  spec: {
    runAsUser: anything,
    seLinux: anything,
    fsGroup: anything,
    supplementalGroups: anything,
    volumes: ['*'],
    ...spec,
  },
});
const pod = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod' },
  spec: { containers: [{ name: 'main' }], ...spec },
});

const evaluate = (input: Partial<EvaluateAgainstInput>) =>
  evaluateAgainst(context, {
    policies: [],
    objects: [],
    subjects: null,
    namespace: 'default',
    user: null,
    groups: [],
    serviceAccount: null,
    ...input,
  });

describe('evaluating against given policies', () => {
  it('decides by them alone, and they have no versions', async () => {
    const report = await evaluate({
      policies: [policy('b', { hostPID: true }), policy('a')],
      objects: [pod(), { kind: 'List', apiVersion: 'v1', items: [pod({ hostPID: true })] }],
    });
    expect(report).toMatchObject({
      allowed: true,
      cluster: null,
      summary: { documents: 2, evaluated: 2 },
      results: [
        { policy: { name: 'a', version: null }, decisionId: null, object: { document: 0, item: null } },
        { policy: { name: 'b', version: null }, object: { document: 1, item: 0 } },
      ],
    });
    expect(report.results[1]?.candidates.map((candidate) => candidate.policy)).toEqual(['a', 'b']);
  });

  it('lets only the given subjects use them', async () => {
    const subjects = [{ kind: 'User' as const, name: 'alice' }];
    const codeFor = async (user: string) => {
      const report = await evaluate({ policies: [policy('a')], objects: [pod()], subjects, user });
      return report.results[0]?.code;
    };
    expect(await codeFor('alice')).toBe('ADMITTED');
    expect(await codeFor('bob')).toBe('NO_POLICY_USABLE');
  });

  it('names every problem of the policies with its pointer into the request', async () => {
    const policies = [
      policy('a', { volumes: ['nope'] }),
      policy('b', { privileged: 'yes' }),
      policy('c'),
      policy('c'),
    ];
    await expect(evaluate({ policies, objects: [pod()] })).rejects.toMatchObject({
      code: 'INVALID',
      problems: [
        { pointer: '/policies/0/spec/volumes', type: 'NotSupported' },
        { pointer: '/policies/1/spec/privileged' },
        { pointer: '/policies/3/metadata/name', type: 'Duplicate' },
      ],
    });
  });

  it('takes no more policies than can be compiled at once', async () => {
    const policies = Array.from({ length: 1_001 }, (_, index) => policy(`p${index}`));
    await expect(evaluate({ policies, objects: [pod()] })).rejects.toMatchObject({
      problems: [{ message: 'policies must have at most 1000 entries', pointer: '/policies' }],
    });
  });

  it('names every problem of the objects with its pointer into the request', async () => {
    const list = { kind: 'List', apiVersion: 'v1', items: [pod(), pod({ hostPID: 1 })] };
    await expect(
      evaluate({ policies: [policy('a')], objects: [pod({ hostIPC: 'x' }), list] }),
    ).rejects.toMatchObject({
      code: 'INVALID',
      problems: [{ pointer: '/objects/0/spec/hostIPC' }, { pointer: '/objects/1/items/1/spec/hostPID' }],
    });
    await expect(evaluate({ objects: ['text'] })).rejects.toMatchObject({
      problems: [{ pointer: '/objects/0' }],
    });
  });
});

describe('evaluating very many pods against very many policies', () => {
  it('is refused where the answer would be longer than memory holds', async () => {
    const policies = Array.from({ length: 100 }, (_, index) => policy(`p${index}`));
    const add = Array.from({ length: 100 }, (_, index) => `CAPABILITY_${index}`);
    const wanting = pod({ containers: [{ name: 'main', securityContext: { capabilities: { add } } }] });
    const objects = (count: number) => Array.from({ length: count }, () => wanting);
    expect((await evaluate({ policies, objects: objects(5) })).results).toHaveLength(5);
    await expect(evaluate({ policies, objects: objects(100) })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('is refused where one is too large for them, whichever it is', async () => {
    const ranges = Array.from({ length: 5_000 }, (_, index) => ({ min: index, max: index }));
    const policies = [policy('p', { runAsUser: { rule: 'MustRunAs', ranges } })];
    const large = pod({ containers: Array.from({ length: 1_000 }, (_, index) => ({ name: `c${index}` })) });
    expect(await evaluate({ policies, objects: [pod()] })).toMatchObject({ allowed: true });
    await expect(evaluate({ policies, objects: [pod(), large] })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'The policies are too many or too long for a pod of this size',
    });
  });
});
