import { beforeAll, describe, expect, it } from 'vitest';
import { type ErrorCode, PodgateError } from '../../../src/model/errors.js';
import { assignPolicy } from '../../../src/operations/assignments/assign-policy.js';
import { getPolicySet } from '../../../src/operations/clusters/get-policy-set.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { savePolicy } from '../../../src/operations/policies/save-policy.js';
import { runTask } from '../../../src/threads/policy-worker.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, policyYaml, testServices } from '../../support/operation-context.js';

const EVERYBODY = { pinnedVersion: null, subjects: null, namespaces: null };

let context: OperationContext;

beforeAll(async () => {
  context = contextOf(testServices(await testDatabase()));
  await saveCluster(context, { name: 'prod' });
  await save('beside', 'hostPID: true');
  await assign('beside');
});

const save = (name: string, fields = '', as = context, expectedVersion: number | null = null) =>
  savePolicy(as, { name, text: policyYaml(name, fields), format: 'yaml', expectedVersion });
const assign = (policy: string, as = context) => assignPolicy(as, { cluster: 'prod', policy, ...EVERYBODY });

/** A context in which one task fails. */
const failing = (task: 'lint' | 'lintBeside', error: Error): OperationContext =>
  contextOf({
    ...context.services,
    runPolicyTask: async (name, ...input) => {
      if (name === task) throw error;
      return runTask(name, input);
    },
  });

describe('where the warnings can not be told', () => {
  const failures: readonly ['lint' | 'lintBeside', ErrorCode][] = [
    ['lint', 'TOO_MANY_REQUESTS'],
    ['lintBeside', 'TOO_MANY_REQUESTS'],
    ['lintBeside', 'TOO_LARGE'],
    ['lintBeside', 'UNAVAILABLE'],
  ];
  it.each(failures)('because %s is %s, a policy is saved and assigned none the less', async (task, code) => {
    const name = `${task}-${code}`.toLowerCase().replaceAll('_', '-');
    const busy = failing(task, new PodgateError(code, 'not now'));
    await save(name);
    expect(await assign(name, busy)).toMatchObject({ created: true, warnings: [] });
    const saved = await save(name, 'hostIPC: true', busy, 1);
    expect(saved).toMatchObject({ outcome: 'UPDATED', version: { number: 2 } });
    const { members } = await getPolicySet(context, { cluster: 'prod' });
    expect(members).toContainEqual(expect.objectContaining({ policyName: name, version: 2 }));
  });

  it('what the text alone tells is told', async () => {
    await save('alone', 'requiredDropCapabilities: [ALL]');
    await assign('alone');
    const busy = failing('lintBeside', new PodgateError('TOO_MANY_REQUESTS', 'not now'));
    expect((await save('alone', 'requiredDropCapabilities: [KILL]', busy)).warnings).toMatchObject([
      { code: 'MUTATES' },
    ]);
  });

  it('a bug stays one', async () => {
    await save('bug');
    await expect(assign('bug', failing('lintBeside', new TypeError('bug')))).rejects.toThrow('bug');
  });
});
