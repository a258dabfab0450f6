import { availableParallelism, totalmem } from 'node:os';
import { packageFile } from './graphql/package-file.js';
import { threadCount } from './threads/thread-count.js';

/** Bytes that the process may have, as far as the system tells. */
const MEMORY = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);

/** Beyond, the heap of the event loop's thread doesn't grow with the memory. */
const MOST_FOR_BODIES = 4 * 1024 ** 3;

/**
 * Which part of the memory the bodies that are worked on may have together: the work takes some twenty times as much, and
 * half of the memory is for the rest.
 */
export const SHARE_OF_BODIES = 1 / 48;

/** Bytes of all bodies that are worked on at once. */
export const HELD_BODIES = Math.min(MEMORY, MOST_FOR_BODIES) * SHARE_OF_BODIES;

/** Threads that read large bodies. */
export const READING_THREADS = {
  program: packageFile('dist', 'src', 'threads', 'reading-thread.js'),
  threads: threadCount(availableParallelism(), MEMORY),
  waiting: 100,
  longestMs: 20_000,
  heapMegabytes: 512,
};

/** What is to be reported may be recorded already, so that there is more patience with a report. */
export const REPORTING_THREADS = {
  ...READING_THREADS,
  program: packageFile('dist', 'src', 'threads', 'reporting-thread.js'),
  longestMs: 60_000,
  heapMegabytes: 1024,
};

/** Policies are few and small: one thread is enough for the others. */
export const POLICY_THREADS = {
  ...READING_THREADS,
  program: packageFile('dist', 'src', 'threads', 'policy-thread.js'),
  threads: 1,
};
