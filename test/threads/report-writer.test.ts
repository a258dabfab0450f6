import { monitorEventLoopDelay } from 'node:perf_hooks';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../src/model/evaluation.js';
import { type ReportedBody, reportOfBody } from '../../src/report/report-of-body.js';
import { createReportWriter } from '../../src/threads/report-writer.js';
import { createThreadPool } from '../../src/threads/thread-pool.js';
import { podYaml } from '../support/operation-context.js';

const program = resolve(import.meta.dirname, '../../dist/src/threads/reporting-thread.js');
const pool = createThreadPool({ program, threads: 1, waiting: 10, longestMs: 60_000, heapMegabytes: 512 });
afterAll(() => pool.close());
const write = createReportWriter(pool);

/** A report on pods that some policies deny. */
function denied(kind: ReportedBody['kind'], pods: number, policies: number): ReportedBody {
  const names = Array.from({ length: pods }, (_, index) => `pod-${index}`);
  const candidates = Array.from({ length: policies }, (_, index) => ({
    policy: `policy-${index}`,
    version: 1,
    outcome: 'REJECTED' as const,
    mutates: false,
    violations: [
      {
        control: 'hostPID' as const,
        type: 'Invalid' as const,
        field: 'spec.securityContext.hostPID',
        container: null,
        value: 9007199254740993n,
        message: 'Host PID is not allowed to be used',
      },
    ],
  }));
  const results = names.map((name, document) => ({
    object: {
      document,
      item: null,
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'default',
      name,
      podPath: '',
    },
    decisionId: null,
    allowed: false,
    code: 'NO_POLICY_SATISFIED' as const,
    policy: null,
    reason: 'no policy admits the pod',
    patch: [],
    warnings: [],
    candidates,
    fixes: [],
  }));
  const report: EvaluationReport = {
    allowed: false,
    cluster: 'prod',
    policySetDigest: 'sha256:00',
    summary: { documents: pods, evaluated: pods, admitted: 0, denied: pods, skipped: 0 },
    results,
  };
  const body = names.map((name) => podYaml(name, 'hostPID: true')).join('---\n');
  return { kind, report, body: Buffer.from(body), format: 'yaml', file: 'pods.yaml' };
}

async function whole(written: string | AsyncIterable<Uint8Array>): Promise<string> {
  if (typeof written === 'string') return written;
  const chunks: Uint8Array[] = [];
  for await (const chunk of written) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('the writer of reports', () => {
  it.each(['sarif', 'junit', 'text'] as const)('writes %s as it is written in one piece', async (kind) => {
    for (const [pods, policies] of [
      [1, 1],
      [300, 3],
      [1, 500],
    ] as const) {
      const reported = denied(kind, pods, policies);
      expect(await whole(await write(reported))).toBe(reportOfBody(reported));
    }
  });

  it('leaves the event loop free while it writes a large one', async () => {
    const reported = denied('junit', 1_000, 20);
    await whole(await write(reported));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await whole(await write(reported));
    delay.disable();
    // 50 ms is what a request may take; twice that leaves room for a busy machine.
    expect(delay.max / 1e6).toBeLessThan(100);
  });
});
