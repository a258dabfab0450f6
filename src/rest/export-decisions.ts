import { z } from 'zod';
import { toJson } from '../http/json.js';
import type { Decision, DecisionFilter } from '../model/decision.js';
import { exportDecisions } from '../operations/decisions/export-decisions.js';
import { clusterParameter } from './clusters.js';
import { csvRow } from './csv.js';
import { renderDecision } from './decision-answer.js';
import { filterParameters } from './decision-filter.js';
import { oneOf } from './parameters.js';
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
  ['controls', (decision) => controlsOf(decision).join(' ')],
  ['reason', ({ reason }) => reason],
  ['podDigest', ({ podDigest }) => podDigest],
  ['policySetDigest', ({ policySetDigest }) => policySetDigest],
  ['engineVersion', ({ engineVersion }) => engineVersion],
  ['durationMicros', ({ durationMicros }) => durationMicros],
];

function controlsOf({ candidates }: Decision): readonly string[] {
  return [...new Set(candidates.flatMap(({ violations }) => violations.map(({ control }) => control)))];
}

export const exportRoutes: readonly Route[] = [
  route(
    {
      id: 'exportDecisions',
      method: 'get',
      path: '/v1/clusters/{cluster}/decisions/export',
      tag: 'Decisions',
      summary: 'Export the decisions of a cluster as a stream',
      description:
        'One decision a line: as JSON with all that is recorded, or as CSV (RFC 4180) with a heading.',
      params: z.strictObject({ cluster: clusterParameter }),
      query: z.strictObject({
        order: oneOf('Which end of the log comes first.', ['newest', 'oldest']).default('newest'),
        ...filterParameters,
      }),
      answers: { 200: { description: 'The decisions.', content: { [NDJSON]: null, [CSV]: null } } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, query: { order, ...query }, accepted, context }) => {
      const filter: DecisionFilter = query;
      const parts = await exportDecisions(context, { cluster, filter, order });
      return stream(200, accepted, accepted === CSV ? csv(parts) : ndjson(parts));
    },
  ),
];

async function* ndjson(parts: AsyncIterable<readonly Decision[]>): AsyncGenerator<string> {
  for await (const decisions of parts) {
    yield decisions.map((decision) => `${toJson(renderDecision(decision))}\n`).join('');
  }
}

async function* csv(parts: AsyncIterable<readonly Decision[]>): AsyncGenerator<string> {
  yield csvRow(COLUMNS.map(([name]) => name));
  for await (const decisions of parts) {
    yield decisions.map((decision) => csvRow(COLUMNS.map(([, value]) => value(decision)))).join('');
  }
}
