import { Worker } from 'node:worker_threads';
import { PodgateError } from '../model/errors.js';

/** How many threads work, how much waits for them and how long one piece of work may take. */
export interface ThreadPoolOptions {
  /** The compiled program of a thread: it answers each message with one message. */
  readonly program: string;
  readonly threads: number;
  /** Most pieces of work that wait for a free thread; what comes beyond is refused. */
  readonly waiting: number;
  /** Milliseconds after which a thread counts as stuck and is ended. */
  readonly longestMs: number;
  /** Memory of one thread. */
  readonly heapMegabytes: number;
}

/** Threads beside the event loop, for work that would hold it up. */
export interface ThreadPool {
  /**
   * Gives a message to a free thread and resolves to its answer; both are copied (structured clone) but for the
   * memory that is moved, which the caller has no more.
   *
   * @throws PodgateError TOO_MANY_REQUESTS where too much is waiting, TOO_LARGE where the work needs more time or
   * memory than it may, UNAVAILABLE after `close`.
   */
  run(message: unknown, moved?: readonly ArrayBuffer[]): Promise<unknown>;
  /** Ends the threads; what they were at is refused. */
  close(): Promise<void>;
}

interface Work {
  readonly message: unknown;
  readonly moved: readonly ArrayBuffer[];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it is at; null: it is idle. */
  work: Work | null;
  timer: NodeJS.Timeout | undefined;
}

/** Makes the pool. Threads are started when there is work for them and then kept. */
export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  const waiting: Work[] = [];
  const threads = new Set<Thread>();
  let closed = false;

  function next(): void {
    const [work] = waiting;
    if (work === undefined || closed) return;
    const idle = [...threads].find((thread) => thread.work === null);
    const thread = idle ?? (threads.size < options.threads ? start() : undefined);
    if (thread === undefined) return;
    waiting.shift();
    thread.work = work;
    thread.timer = setTimeout(() => drop(thread, tooMuch()), options.longestMs);
    thread.worker.postMessage(work.message, work.moved);
  }

  function start(): Thread {
    const { program, heapMegabytes: maxOldGenerationSizeMb } = options;
    const worker = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb }, env: {}, execArgv: [] });
    // An idle thread must not keep the process running.
    worker.unref();
    const thread: Thread = { worker, work: null, timer: undefined };
    worker.on('message', (answer) => finish(thread, (work) => work.resolve(answer)));
    worker.on('error', (error) => drop(thread, isOutOfMemory(error) ? tooMuch(error) : error));
    worker.on('exit', () => drop(thread, stopping()));
    threads.add(thread);
    return thread;
  }

  function finish(thread: Thread, settle: (work: Work) => void): void {
    clearTimeout(thread.timer);
    const { work } = thread;
    thread.work = null;
    if (work !== null) settle(work);
    next();
  }

  function drop(thread: Thread, error: unknown): void {
    threads.delete(thread);
    void thread.worker.terminate();
    finish(thread, (work) => work.reject(error));
  }

  return {
    run(message, moved = []) {
      if (closed) return Promise.reject(stopping());
      if (waiting.length >= options.waiting) return Promise.reject(busy());
      return new Promise((resolve, reject) => {
        waiting.push({ message, moved, resolve, reject });
        next();
      });
    },
    async close() {
      closed = true;
      for (const { reject } of waiting.splice(0)) reject(stopping());
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooMuch(cause?: unknown): PodgateError {
  return new PodgateError('TOO_LARGE', 'The request takes too much time or memory to be read', { cause });
}

function busy(): PodgateError {
  return new PodgateError('TOO_MANY_REQUESTS', 'Too many large requests wait to be read: try again', {
    retryAfterSeconds: 1,
  });
}

function stopping(): PodgateError {
  return new PodgateError('UNAVAILABLE', 'Podgate is stopping', { retryAfterSeconds: 1 });
}
