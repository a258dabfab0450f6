/** A job that runs by the clock. */
export interface Job {
  readonly name: string;
  readonly everySeconds: number;
  readonly run: () => Promise<void>;
}

/** Stops the jobs; resolves when the one that runs has ended. */
export type StopJobs = () => Promise<void>;

/**
 * Runs each job again and again, the next time counted from the end of the last. A failure is told and the job runs
 * again; nothing keeps the process alive.
 */
export function repeat(jobs: readonly Job[], onFailure: (job: Job, error: unknown) => void): StopJobs {
  const running = new Set<Promise<void>>();
  const timers = new Map<Job, NodeJS.Timeout>();
  let stopped = false;

  function schedule(job: Job): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      const run = job
        .run()
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
    stopped = true;
    for (const timer of timers.values()) clearTimeout(timer);
    await Promise.all(running);
  };
}
