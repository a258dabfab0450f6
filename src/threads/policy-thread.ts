/** The program of a thread that works on policies; {@link createPolicyWorker} is the other end. */
import { parentPort } from 'node:worker_threads';
import { type PolicyAnswer, type PolicyRequest, runTask } from './policy-worker.js';
import { refusalOf } from './refusal.js';

function answer({ name, input }: PolicyRequest): PolicyAnswer {
  try {
    return { ok: true, result: runTask(name, input) };
  } catch (error) {
    return refusalOf(error);
  }
}

parentPort?.on('message', (request: PolicyRequest) => parentPort?.postMessage(answer(request), []));
