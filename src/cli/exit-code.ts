/** How a run of the command line ended: what a pipeline asks for. */
export const EXIT = {
  /** Everything asked for was done; of pods: all are admitted. */
  ok: 0,
  /** Something is denied, or not as it should be (`audit verify`, `diff --exit-code`). */
  denied: 1,
  /** The command was called wrongly, or an input can't be read. */
  input: 2,
  /** The server can't be reached, or refused. */
  server: 3,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command was called wrongly: ends with {@link EXIT.input} and one clear line. */
export class UsageError extends Error {
  /** Further lines: each single thing that is wrong. */
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.name = 'UsageError';
    this.details = details;
  }
}
