/**
 * `npm run --silent bench:engine -- FILE…`: the time of an evaluation, from a parsed pod and a compiled policy set to
 * the finished result and its patch, beside `JSON.parse` of the same pods' text in the same process. One JSON line a
 * file; medians of interleaved rounds.
 */
import {
  compilePolicy,
  compilePolicySet,
  evaluate,
  type FeatureGates,
  patch,
  type Pod,
  type PolicySet,
} from '../src/engine/index.js';
import { type Case, decodeCase } from '../test/conformance/decode.js';
import { parseJson, readLines } from '../test/conformance/json-lines.js';
import { featureGates } from '../test/conformance/result.js';

const ROUNDS = 41;
const WARM_UP = 10;

interface Prepared {
  readonly set: PolicySet;
  readonly gates: FeatureGates;
  readonly pods: readonly Pod[];
  readonly texts: readonly string[];
  readonly policies: number;
}

/** The policies are those of the file's first case: a file has the same in every case. */
async function prepare(file: string): Promise<Prepared> {
  const cases: Case[] = [];
  for await (const line of readLines(file)) cases.push(decodeCase(parseJson(line)));
  const [first] = cases;
  if (first === undefined) throw new Error(`${file} has no cases`);
  const compiled = first.policies.map((source) => {
    const result = compilePolicy(source, featureGates(first));
    if (!result.ok) throw new Error(`${file}: policy ${source.name} is not valid`);
    return result.policy;
  });
  const texts = cases.map(({ pod }) => JSON.stringify(pod));
  // Parsed as the server gets them: what JSON.parse makes differs in memory from what decoding the case made.
  const pods = texts.map((text): Pod => JSON.parse(text));
  return {
    set: compilePolicySet(compiled),
    gates: featureGates(first),
    pods,
    texts,
    policies: compiled.length,
  };
}

/** Time of one evaluation of each case, in nanoseconds a case. Results are dropped, so that their allocation counts. */
function timeEvaluations({ set, gates, pods }: Prepared): number {
  let operations = 0;
  const start = process.hrtime.bigint();
  for (const pod of pods) {
    const evaluation = evaluate(set, { pod, operation: 'CREATE', usable: everybody, gates });
    operations += patch(evaluation).length;
  }
  const elapsed = Number(process.hrtime.bigint() - start);
  if (operations < 0) throw new Error('unreachable'); // the results are used, so they can't be optimised away
  return elapsed / pods.length;
}

function everybody(): boolean {
  return true;
}

function timeParses({ texts }: Prepared): number {
  let parsed = 0;
  const start = process.hrtime.bigint();
  for (const text of texts) {
    if (JSON.parse(text) !== null) parsed++;
  }
  const elapsed = Number(process.hrtime.bigint() - start);
  return elapsed / parsed;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

for (const file of process.argv.slice(2)) {
  const prepared = await prepare(file);
  const evaluations: number[] = [];
  const parses: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const evaluation = timeEvaluations(prepared);
    const parse = timeParses(prepared);
    if (round < 0) continue;
    evaluations.push(evaluation);
    parses.push(parse);
  }
  const nsPerEvaluation = Math.round(median(evaluations));
  const nsPerJsonParse = Math.round(median(parses));
  const ratio = Number((nsPerEvaluation / nsPerJsonParse).toFixed(3));
  const { pods, policies } = prepared;
  console.log(JSON.stringify({ file, cases: pods.length, policies, nsPerEvaluation, nsPerJsonParse, ratio }));
}
