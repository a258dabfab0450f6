/** The program of a thread that works on policies; {@link createPolicyWorker} is the other end. */
import { parentPort } from 'node:worker_threads';
import { PodgateError } from '../model/errors.js';
import { type PolicyAnswer, type PolicyRequest, runTask } from './policy-worker.js';

function answer({ name, input }: PolicyRequest): PolicyAnswer {
  try {
    return { ok: true, result: runTask(name, input) };
  } catch (error) {
    if (!(error instanceof PodgateError)) throw error;
    const { code, message, problems } = error;
    return { ok: false, code, message, problems };
  }
}

parentPort?.on('message', (request: PolicyRequest) => parentPort?.postMessage(answer(request), []));
