import type { NewDecision } from '../../model/decision.js';
import { PodgateError } from '../../model/errors.js';
import type { Database } from '../../storage/database.js';
import type { DecisionJournal } from '../../storage/decision-journal.js';
import { recordJournalled } from '../../storage/record-journalled.js';
import type { Services } from '../context.js';
import { type Deadline, within } from './deadline.js';
import { isUnavailable, type Outage } from './outage.js';

/** Makes decisions about requests of API servers durable: in the log, or on disk until the database is back. */
export interface AdmissionRecorder {
  /**
   * Resolves when the decision is durable. GENERATION_MOVED: it was made with policies that are no longer in force, and
   * wasn't recorded; LOST: it can be recorded nowhere in the time that is left.
   */
  record(decision: NewDecision, deadline: Deadline): Promise<'RECORDED' | 'GENERATION_MOVED' | 'LOST'>;
  /** Where the database is back, or decisions of an earlier process are on disk: moves them into the log, each once. */
  recover(): Promise<void>;
}

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
  async function keep(decision: NewDecision, deadline: Deadline) {
    const { admission } = decision;
    const offline = admission === null ? null : { ...admission, offline: true };
    try {
      await within(deadline.forDisk(), 'disk', () => journal.append({ ...decision, admission: offline }));
      return 'RECORDED';
    } catch (error) {
      if (isUnavailable(error)) return 'LOST';
      throw error;
    }
  }

  return {
    async record(decision, deadline) {
      try {
        const { clusterId, generation } = decision;
        // The log itself looks into what became of it for longer than an API server waits. Where both come through in
        // the end, the decision has one id and is recorded once.
        const outcome = await outage.guard(deadline, () =>
          services.decisionLog.append(clusterId, generation, [decision]),
        );
        return outcome.recorded ? 'RECORDED' : 'GENERATION_MOVED';
      } catch (error) {
        const isFull = error instanceof PodgateError && error.code === 'TOO_MANY_REQUESTS';
        if (!isFull && !isUnavailable(error)) throw error;
        return keep(decision, deadline);
      }
    },
    async recover() {
      if (!outage.isAway() && !journal.hasDecisions()) return;
      if (!(await database.isReady())) return;
      outage.end();
      await journal.move((decisions) => recordJournalled(database, decisions));
    },
  };
}
