import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PodgateError } from '../../../src/model/errors.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { Services } from '../../../src/operations/context.js';
import { listDecisions } from '../../../src/operations/decisions/list-decisions.js';
import { evaluateOnce, type OnceLimits } from '../../../src/operations/evaluation/evaluate-once.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, podYaml, testServices } from '../../support/operation-context.js';

let services: Services;
beforeAll(async () => {
  services = testServices(await testDatabase());
});

/** After that long a request counts as dead here, without a sign of life. */
const ABANDONED = 1_000;

/** Something that is waited for until it is opened. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Sends the request of a test; gives whether the answer was an earlier one's, or the code of the failure. */
function send(cluster: string, changes: Partial<Services> = {}, limits: Partial<OnceLimits> = {}) {
  const input = {
    cluster,
    body: podYaml('web'),
    format: 'yaml' as const,
    namespace: 'default',
    user: null,
    groups: [],
    serviceAccount: null,
    at: null,
    dryRun: false,
  };
  const request = { key: 'k', path: `/v1/clusters/${cluster}/evaluate`, fingerprint: 'same' };
  const context = contextOf({ ...services, ...changes });
  return evaluateOnce(context, request, input, { abandoned: ABANDONED, ...limits }).then(
    ({ isRepeated }) => (isRepeated ? 'repeated' : 'evaluated'),
    ({ code }: PodgateError) => code,
  );
}

/** Services whose reading of the request, or recording of its decisions, waits for the gate. */
const readsAfter = (opened: Promise<void>, fails = false): Partial<Services> => ({
  async readObjects(body, format) {
    await opened;
    return services.readObjects(fails ? '{}' : body, format);
  },
});
const recordsAfter = (opened: Promise<void>): Partial<Services> => ({
  decisionLog: {
    async append(...given) {
      await opened;
      return services.decisionLog.append(...given);
    },
  },
});

async function recorded(cluster: string): Promise<number> {
  const page = { filter: {}, order: 'newest', first: 100, after: null } as const;
  return (await listDecisions(contextOf(services), { cluster, ...page })).edges.length;
}

describe('a first request that was only slow', () => {
  it('records nothing where the one sent again was carried out meanwhile', async () => {
    await saveCluster(contextOf(services), { name: 'slow' });
    const reading = gate();
    const first = send('slow', readsAfter(reading.opened));
    await sleep(ABANDONED + 50);
    expect(await send('slow')).toBe('evaluated');
    reading.open();
    expect(await first).toBe('CONFLICT');
    expect(await send('slow')).toBe('repeated');
    expect(await recorded('slow')).toBe(1);
  });

  it('records nothing beside one sent again that is still being worked on', async () => {
    await saveCluster(contextOf(services), { name: 'both-slow' });
    const [reading, again] = [gate(), gate()];
    const first = send('both-slow', readsAfter(reading.opened));
    await sleep(ABANDONED / 2);
    const second = send('both-slow', readsAfter(again.opened));
    await sleep(ABANDONED);
    reading.open();
    expect(await first).toBe('CONFLICT');
    again.open();
    expect(await second).toBe('evaluated');
    expect(await recorded('both-slow')).toBe(1);
  });

  it('does not give back the key of the one sent again when it fails', async () => {
    await saveCluster(contextOf(services), { name: 'fails' });
    const [reading, again] = [gate(), gate()];
    const first = send('fails', readsAfter(reading.opened, true));
    await sleep(ABANDONED + 50);
    const second = send('fails', readsAfter(again.opened));
    await sleep(50);
    reading.open();
    expect(await first).toBe('INVALID');
    const third = send('fails', {}, { abandoned: 10_000 });
    await sleep(50);
    again.open();
    expect(await Promise.all([second, third])).toEqual(['evaluated', 'repeated']);
    expect(await recorded('fails')).toBe(1);
  });

  it('has as long again for recording as for all before', async () => {
    await saveCluster(contextOf(services), { name: 'records-slowly' });
    const [reading, recording] = [gate(), gate()];
    const first = send('records-slowly', {
      ...readsAfter(reading.opened),
      ...recordsAfter(recording.opened),
    });
    await sleep(ABANDONED - 300);
    reading.open();
    await sleep(50);
    const second = send('records-slowly');
    await sleep(ABANDONED - 300);
    recording.open();
    expect(await Promise.all([first, second])).toEqual(['evaluated', 'repeated']);
    expect(await recorded('records-slowly')).toBe(1);
  });

  it.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('is waited for also by a server whose clock is %s', async (name, skew) => {
    await saveCluster(contextOf(services), { name });
    const now = () => new Date(Date.now() + skew);
    const reading = gate();
    const first = send(name, { now, ...readsAfter(reading.opened) }, { abandoned: 10_000 });
    await sleep(50);
    const second = send(name, { now }, { abandoned: 10_000 });
    await sleep(50);
    reading.open();
    expect(await Promise.all([first, second])).toEqual(['evaluated', 'repeated']);
    expect(await recorded(name)).toBe(1);
  });
});

it('waits only so long for the first request', async () => {
  await saveCluster(contextOf(services), { name: 'waits' });
  const reading = gate();
  const first = send('waits', readsAfter(reading.opened));
  await sleep(20);
  expect(await send('waits', {}, { patience: 0, abandoned: 10_000 })).toBe('CONFLICT');
  reading.open();
  expect(await first).toBe('evaluated');
});
