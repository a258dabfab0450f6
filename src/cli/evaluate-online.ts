import { randomUUID } from 'node:crypto';
import { isList, isObject, type JsonValue } from '../kubernetes/json-value.js';
import type { EvaluationReport, EvaluationResult } from '../model/evaluation.js';
import { type ApiClient, ApiError } from './api-client.js';
import type { EvaluateFile } from './evaluate-files.js';

/** What the server is asked besides the manifests: the query of the evaluate endpoint, in its names. */
export type EvaluateQuery = readonly [name: string, value: string][];

/** Asks a server with the policies that are in force in a cluster; decisions are recorded unless the query says otherwise. */
export function onlineEvaluation(client: ApiClient, cluster: string, query: EvaluateQuery): EvaluateFile {
  return async ({ file, body, format }) => {
    const parameters = new URLSearchParams([...query, ['file', file]]);
    const path = `/v1/clusters/${encodeURIComponent(cluster)}/evaluate?${parameters.toString()}`;
    return readReport(await client.post(path, `application/${format}`, body, randomUUID()));
  };
}

/** The evaluate endpoint's answer. Throws {@link ApiError} for anything else. */
export function readReport(answer: JsonValue): EvaluationReport {
  if (!isObject(answer) || !isList(answer['results']) || typeof answer['allowed'] !== 'boolean') {
    throw new ApiError('the answer is no evaluation: is this address a Podgate server?', null);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the answer's shape is the evaluate endpoint's contract
  const report = answer as unknown as EvaluationReport;
  return { ...report, results: report.results.map(withItem) };
}

/** Where the document is no `List` the answer leaves the item out. */
function withItem(result: EvaluationResult): EvaluationResult {
  const { object } = result;
  return Object.assign({}, result, { object: { ...object, item: object.item ?? null } });
}
