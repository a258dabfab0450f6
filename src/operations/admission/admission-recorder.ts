import type { NewDecision } from '../../model/decision.js';
import { PodgateError } from '../../model/errors.js';
import type { AppendTie, RefusedAppend } from '../../storage/append-decisions.js';
import type { Database } from '../../storage/database.js';
import type { DecisionJournal } from '../../storage/decision-journal.js';
import { recordJournalled } from '../../storage/record-journalled.js';
import type { Services } from '../context.js';
import { type Deadline, within } from './deadline.js';
import { isUnavailable, type Outage } from './outage.js';

/** Makes decisions about requests of API servers durable: in the log, or on disk until the database is back. */
export interface AdmissionRecorder {
  /** Resolves when the decision is durable, and what it does with ties is done where the database is there. */
  record(decision: NewDecision, deadline: Deadline, tie?: AppendTie): Promise<RecordOutcome>;
  /** Where the database is back, or decisions of an earlier process are on disk: moves them into the log, each once. */
  recover(stop: AbortSignal): Promise<void>;
}

/**
 * RECORDED: in the log. KEPT: on disk. GENERATION_MOVED, TIE_GONE: it was made with policies that are no longer in force,
 * or with a tie that isn't there any more, and wasn't recorded. LOST: it can be recorded nowhere in the time that is left.
 */
export type RecordOutcome = 'RECORDED' | 'KEPT' | RefusedAppend | 'LOST';

/** What the recorder is made of. */
export interface RecorderSources {
  readonly services: Pick<Services, 'decisionLog'>;
  readonly database: Database;
  readonly journal: DecisionJournal;
  readonly outage: Outage;
}

/** Makes the recorder. */
export function createAdmissionRecorder({
  services,
  database,
  journal,
  outage,
}: RecorderSources): AdmissionRecorder {
  async function keep(decision: NewDecision, deadline: Deadline): Promise<'KEPT' | 'LOST'> {
    const { admission } = decision;
    const offline = admission === null ? null : { ...admission, offline: true };
    try {
      await within(deadline.forDisk(), 'disk', () => journal.append({ ...decision, admission: offline }));
      return 'KEPT';
    } catch (error) {
      if (isUnavailable(error)) return 'LOST';
      throw error;
    }
  }

  return {
    async record(decision, deadline, tie) {
      try {
        const { clusterId, generation } = decision;
        // The log itself looks into what became of it for longer than an API server waits. Where both come through in
        // the end, the decision has one id and is recorded once.
        const outcome = await outage.guard(deadline, () =>
          services.decisionLog.append(clusterId, generation, [decision], tie),
        );
        return outcome.recorded ? 'RECORDED' : outcome.reason;
      } catch (error) {
        const isFull = error instanceof PodgateError && error.code === 'TOO_MANY_REQUESTS';
        if (!isFull && !isUnavailable(error)) throw error;
        return keep(decision, deadline);
      }
    },
    async recover(stop) {
      if (!outage.isAway() && !journal.hasDecisions()) return;
      if (!(await database.isReady())) return;
      outage.end();
      await journal.move((decisions) => recordJournalled(database, decisions), stop);
    },
  };
}
