import { expect, test } from 'vitest';
import { createAdmissionClusters } from '../../../src/operations/admission/admission-clusters.js';
import { deadlineIn } from '../../../src/operations/admission/deadline.js';
import { createOutage } from '../../../src/operations/admission/outage.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import { compileStored } from '../../../src/operations/evaluation/compiled-set.js';
import { contextOf, testServices } from '../../support/operation-context.js';
import { testDatabase } from '../../support/database.js';

test('reviews that come in while a cluster is read for the first time wait for the same reading', async () => {
  const database = await testDatabase();
  await saveCluster(contextOf(testServices(database)), { name: 'prod' });
  let readings = 0;
  const clusters = createAdmissionClusters({
    database,
    kept: {
      save: async () => {
        readings += 1;
      },
      load: async () => null,
    },
    outage: createOutage(10_000),
    compile: compileStored,
    onNotKept: () => undefined,
  });
  const deadline = deadlineIn(30_000, () => performance.now());
  const read = await Promise.all(Array.from({ length: 50 }, async () => clusters.recent('prod', deadline)));
  expect([readings, new Set(read.map((cluster) => cluster?.name))]).toEqual([1, new Set(['prod'])]);
});
