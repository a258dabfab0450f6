import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationReport } from '../model/evaluation.js';
import type { ApiClient } from './api-client.js';
import { readReport } from './evaluate-online.js';
import { type Cell, table } from './table.js';

interface DemoCluster {
  readonly name: string;
  readonly displayName: string;
  readonly policies: readonly string[];
}

/** What the demo shows of one pod in one cluster. */
interface Verdict {
  readonly pod: string;
  readonly cluster: string;
  readonly allowed: boolean;
  readonly mutated: boolean;
  readonly policy: string;
  readonly why: string;
}

/** Where the demo writes to: lines of the result, and one line of progress where a person is watching. */
export interface DemoOutput {
  readonly line: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly colours: boolean;
}

/**
 * Fills a server with three clusters, five policies and their assignments, evaluates thirteen pods in each cluster
 * and prints what was decided and why. Running it again changes nothing but adds the decisions.
 */
export async function runDemo(client: ApiClient, folder: string, output: DemoOutput): Promise<void> {
  const clusters: readonly DemoCluster[] = JSON.parse(await readFile(join(folder, 'clusters.json'), 'utf8'));
  for (const file of (await readdir(join(folder, 'policies'))).sort()) {
    output.progress(`policy ${file}`);
    const manifest = await readFile(join(folder, 'policies', file), 'utf8');
    await client.put(
      `/v1/policies/${file.replace(/\.yaml$/, '')}?message=Demo`,
      'application/yaml',
      manifest,
    );
  }
  const pods = await readFile(join(folder, 'pods.yaml'), 'utf8');
  const verdicts: Verdict[] = [];
  for (const cluster of clusters) {
    output.progress(`cluster ${cluster.name}`);
    verdicts.push(...(await decide(client, cluster, pods)));
  }
  output.progress('');
  for (const line of table(['POD', 'CLUSTER', 'VERDICT', 'POLICY', 'WHY'], byPod(verdicts), output.colours)) {
    output.line(line);
  }
}

async function decide(client: ApiClient, cluster: DemoCluster, pods: string): Promise<Verdict[]> {
  const { name, displayName } = cluster;
  await client.putJson(`/v1/clusters/${name}`, { displayName });
  for (const policy of cluster.policies) {
    await client.putJson(`/v1/clusters/${name}/assignments/${policy}`, {});
  }
  const report = readReport(await client.post(`/v1/clusters/${name}/evaluate`, 'application/yaml', pods));
  return report.results.map((result) => ({
    pod: result.object.name,
    cluster: name,
    allowed: result.allowed,
    mutated: result.patch.length > 0,
    policy: result.policy === null ? '' : `${result.policy.name} v${result.policy.version}`,
    why: result.allowed ? result.reason : firstObjections(result.candidates),
  }));
}

/** For each policy that could have admitted the pod, what spoke against it. */
function firstObjections(candidates: EvaluationReport['results'][number]['candidates']): string {
  return candidates
    .map(({ policy, violations }) => `${policy}: ${[...new Set(violations.map(describe))].join('; ')}`)
    .join(' | ');
}

function describe({ field, message }: { readonly field: string; readonly message: string }): string {
  return message === '' ? field : message;
}

function byPod(verdicts: readonly Verdict[]): readonly (readonly Cell[])[] {
  const pods = [...new Set(verdicts.map(({ pod }) => pod))];
  return pods.flatMap((pod) =>
    verdicts
      .filter((verdict) => verdict.pod === pod)
      .map(({ cluster, allowed, mutated, policy, why }): readonly Cell[] => [
        { text: pod },
        { text: cluster },
        allowed
          ? { text: mutated ? 'admitted, changed' : 'admitted', colour: 'green' }
          : { text: 'denied', colour: 'red' },
        { text: policy },
        { text: why },
      ]),
  );
}
