import { POLICY_TASKS, type PolicyTasks, type RunPolicyTask } from '../operations/policies/policy-tasks.js';
import { errorOf, type Refusal } from './refusal.js';
import type { ThreadPool } from './thread-pool.js';

/** What a thread is asked: one of the tasks and its input. */
export interface PolicyRequest {
  readonly name: keyof PolicyTasks;
  readonly input: readonly unknown[];
}

/** What a thread answers: the task's result, or the error. */
export type PolicyAnswer = { readonly ok: true; readonly result: unknown } | Refusal;

/**
 * Policies whose texts have more characters than this together are worked on by a thread: most have less. What is done
 * with them takes some milliseconds for each thousand.
 */
const SMALL = 4 * 1024;

/** Does the tasks as they are, those with long texts beside the event loop. Throws what they throw, and what the pool throws. */
export function createPolicyWorker(pool: ThreadPool): RunPolicyTask {
  return async (name, ...input) => {
    if (textIn(input) <= SMALL) return runTask(name, input);
    const request: PolicyRequest = { name, input };
    // The thread's program answers nothing else, and a result is that of its task.
    const answer = (await pool.run(request)) as PolicyAnswer;
    if (answer.ok) return answer.result as ReturnType<PolicyTasks[typeof name]>;
    throw errorOf(answer);
  };
}

/** Does one task here and now. */
export function runTask<Name extends keyof PolicyTasks>(
  name: Name,
  input: readonly unknown[],
): ReturnType<PolicyTasks[Name]> {
  // Safe: the input is that of the task of this name, as `RunPolicyTask` demands it.
  const task = POLICY_TASKS[name] as (...given: readonly unknown[]) => ReturnType<PolicyTasks[Name]>;
  return task(...input);
}

/** Characters of all texts in a value, names of members not counted. */
function textIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + textIn(each), 0);
}
