import { forgetAnswers } from '../operations/evaluation/evaluate-once.js';
import {
  foldLogs,
  type LogKeeping,
  makePartitions,
  signCheckpoints,
} from '../operations/decisions/keep-log.js';
import { dropEmptyPartitions, removeExpired } from '../operations/decisions/remove-expired.js';
import type { Job } from './repeat.js';

/** What the decision log needs by the clock, and the answers that are kept for repeated requests. */
export function databaseJobs(keeping: LogKeeping): readonly Job[] {
  return [
    { name: 'fold decisions', everySeconds: 2, run: (stop) => foldLogs(keeping, stop) },
    { name: 'sign checkpoints', everySeconds: 300, run: () => signCheckpoints(keeping) },
    {
      name: 'remove expired decisions',
      everySeconds: 600,
      run: async (stop) => {
        await removeExpired(keeping, stop);
        await dropEmptyPartitions(keeping, stop);
      },
    },
    { name: 'forget answers', everySeconds: 600, run: (stop) => forgetAnswers(keeping, stop) },
    { name: 'make partitions', everySeconds: 6 * 3600, run: () => makePartitions(keeping) },
  ];
}
