import { z } from 'zod';
import { violatedControls } from '../model/decision-detail.js';
import { exactJson } from '../model/exact-json.js';
import type { Decision, DecisionFilter } from '../model/decision.js';
import { invalid } from '../model/errors.js';
import { textInTurns } from '../model/turns.js';
import type { OperationContext } from '../operations/context.js';
import { exportDecisions } from '../operations/decisions/export-decisions.js';
import { exportLog } from '../operations/decisions/export-log.js';
import { podSpecsOfDecisions } from '../operations/decisions/pod-specs-of-decisions.js';
import { clusterParameter } from './clusters.js';
import { csvRow } from './csv.js';
import { renderDecision } from './decision-answer.js';
import { exportedLog } from './export-log.js';
import { filterParameters } from './decision-filter.js';
import { oneOf, truth } from './parameters.js';
import { stream } from './reply.js';
import { type Route, route } from './route.js';

const NDJSON = 'application/x-ndjson';
const CSV = 'text/csv';

/** The columns of the CSV, each with its value; lists are parted by blanks. */
const COLUMNS: readonly (readonly [
  name: string,
  value: (decision: Decision) => string | number | boolean | null,
])[] = [
  ['id', ({ id }) => id],
  ['cluster', ({ clusterName }) => clusterName],
  ['sequence', ({ sequence }) => String(sequence)],
  ['decidedAt', ({ decidedAt }) => decidedAt.toISOString()],
  ['recordedAt', ({ recordedAt }) => recordedAt.toISOString()],
  ['source', ({ source }) => source],
  ['actor', ({ actor }) => actor],
  ['user', ({ requester }) => requester.user],
  ['groups', ({ requester }) => requester.groups.join(' ')],
  ['serviceAccount', ({ requester }) => requester.serviceAccount],
  ['operation', ({ operation }) => operation],
  ['apiVersion', ({ object }) => object.apiVersion],
  ['kind', ({ object }) => object.kind],
  ['namespace', ({ object }) => object.namespace],
  ['name', ({ object }) => object.name],
  ['allowed', ({ allowed }) => allowed],
  ['code', ({ code }) => code],
  ['policy', ({ policyName }) => policyName],
  ['policyVersion', ({ policyVersion }) => policyVersion],
  ['controls', (decision) => violatedControls(decision).join(' ')],
  ['reason', ({ reason }) => reason],
  ['podDigest', ({ podDigest }) => podDigest],
  ['policySetDigest', ({ policySetDigest }) => policySetDigest],
  ['engineVersion', ({ engineVersion }) => engineVersion],
  ['durationMicros', ({ durationMicros }) => durationMicros],
];

/** A cluster's decisions as a stream, to take away. */
export const exportRoutes: readonly Route[] = [
  route(
    {
      id: 'exportDecisions',
      method: 'get',
      path: '/v1/clusters/{cluster}/decisions/export',
      tag: 'Decisions',
      summary: 'Export the decisions of a cluster as a stream',
      description:
        'One decision a line: as JSON with all that is recorded, or as CSV (RFC 4180) with a heading.\n\n' +
        'With `proof=true` (JSON only, and the whole log: no filter, oldest first) decisions also have a member ' +
        '`proof`, and lines with a member `log`, `checkpoint` or `batch` stand between them: all that it takes to ' +
        'verify the log without this server, as `podgate audit verify FILE` does.',
      params: z.strictObject({ cluster: clusterParameter }),
      query: z.strictObject({
        order: oneOf('Which end of the log comes first.', ['newest', 'oldest']).exactOptional(),
        proof: truth('Whether the lines are to prove that none is missing or altered.').default(false),
        ...filterParameters,
      }),
      answers: { 200: { description: 'The decisions.', content: { [NDJSON]: null, [CSV]: null } } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, query: { order, proof, ...query }, accepted, context }) => {
      const filter: DecisionFilter = query;
      if (proof) {
        refuseParts(filter, order, accepted);
        return stream(200, accepted, exportedLog(context, await exportLog(context, { cluster })));
      }
      const parts = await exportDecisions(context, { cluster, filter, order: order ?? 'newest' });
      return stream(200, accepted, accepted === CSV ? csv(parts) : ndjson(context, parts));
    },
  ),
];

/** Of a part of a log nothing could be proved. */
function refuseParts(filter: DecisionFilter, order: string | undefined, accepted: string): void {
  const wrong = Object.keys(filter);
  if (order === 'newest') wrong.push('order');
  const problems = wrong.map((name) => ({ message: `${name} does not go with proof=true`, pointer: name }));
  if (accepted === CSV) problems.push({ message: 'CSV does not go with proof=true', pointer: 'proof' });
  if (problems.length > 0) {
    throw invalid('Only a whole log, oldest first and as JSON, can be exported with proof', problems);
  }
}

async function* ndjson(
  context: OperationContext,
  parts: AsyncIterable<readonly Decision[]>,
): AsyncGenerator<string> {
  for await (const decisions of parts) {
    const podSpecOf = await podSpecsOfDecisions(context, decisions);
    yield* textInTurns(lines(decisions, (decision) => `${exactJson(renderDecision(decision, podSpecOf))}\n`));
  }
}

async function* csv(parts: AsyncIterable<readonly Decision[]>): AsyncGenerator<string> {
  yield csvRow(COLUMNS.map(([name]) => name));
  for await (const decisions of parts) {
    yield* textInTurns(lines(decisions, (decision) => csvRow(COLUMNS.map(([, value]) => value(decision)))));
  }
}

function* lines(decisions: readonly Decision[], line: (decision: Decision) => string): Generator<string> {
  for (const decision of decisions) yield line(decision);
}
