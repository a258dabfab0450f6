/** A job that runs by the clock. */
export interface Job {
  readonly name: string;
  readonly everySeconds: number;
  /** Does it once. What takes many steps ends between two of them when it is told to stop, and goes on the next time. */
  readonly run: (stop: AbortSignal) => Promise<void>;
}

/** Tells the jobs to stop; resolves when those that run have ended. */
export type StopJobs = () => Promise<void>;

/**
 * Runs each job again and again, the next time counted from the end of the last. A failure is told and the job runs
 * again; nothing keeps the process alive.
 */
export function repeat(jobs: readonly Job[], onFailure: (job: Job, error: unknown) => void): StopJobs {
  const running = new Set<Promise<void>>();
  const timers = new Map<Job, NodeJS.Timeout>();
  const stopping = new AbortController();

  function schedule(job: Job): void {
    if (stopping.signal.aborted) return;
    const timer = setTimeout(() => {
      const run = job
        .run(stopping.signal)
        .catch((error: unknown) => onFailure(job, error))
        .finally(() => {
          running.delete(run);
          schedule(job);
        });
      running.add(run);
    }, job.everySeconds * 1000);
    timer.unref();
    timers.set(job, timer);
  }

  for (const job of jobs) schedule(job);
  return async () => {
    stopping.abort();
    for (const timer of timers.values()) clearTimeout(timer);
    await Promise.all(running);
  };
}
