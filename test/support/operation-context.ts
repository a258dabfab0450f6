import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { parseSigningKey } from '../../src/access/signing-key.js';
import type { SigningKey } from '../../src/model/checkpoint.js';
import type { VerifyingKey } from '../../src/model/verifying-key.js';
import type { Principal } from '../../src/model/principal.js';
import type { OperationContext, Services } from '../../src/operations/context.js';
import { createVerifyInTurn } from '../../src/operations/decisions/verify-in-turn.js';
import { createPolicySetCache } from '../../src/operations/evaluation/policy-set-cache.js';
import { runTask } from '../../src/threads/policy-worker.js';
import { readObjects } from '../../src/operations/evaluation/read-objects.js';
import type { Database } from '../../src/storage/database.js';
import { appendTo } from './records.js';

/** The principal that may do everything. */
export const ADMIN: Principal = { actor: 'admin', tokenId: null, role: 'ADMIN', clusters: null };

/** The seed of the key that signs the checkpoints of tests. */
export const TEST_SIGNING_SEED = Buffer.alloc(32, 7).toString('base64');

export const TEST_SIGNING_KEY = parseSigningKey(TEST_SIGNING_SEED);

/** Signs with this key; checkpoints of the others count too. */
export function signingWith(key: SigningKey, ...trusted: readonly VerifyingKey[]): Services['signing'] {
  return { key: async () => key, trusted: async () => trusted };
}

/** Services on a test's database, as the composition root makes them but without anything beside. */
export function testServices(database: Database, changes: Partial<Services> = {}): Services {
  return {
    database,
    policySets: createPolicySetCache(database),
    decisionLog: {
      append: (id, generation, decisions) => appendTo(database, { id, generation }, ...decisions),
    },
    signing: signingWith(TEST_SIGNING_KEY),
    readObjects: async (body, format) => readObjects(body, format),
    runPolicyTask: async (name, ...input) => runTask(name, input),
    verifyInTurn: createVerifyInTurn(),
    decisionFeed: { next: () => sleep(20) },
    now: () => new Date(),
    newId: uuidv7,
    onRefused: () => {},
    onEvaluated: () => {},
    ...changes,
  };
}

/** A context in which an operation runs as if it had come over REST. */
export function contextOf(services: Services, principal: Principal = ADMIN): OperationContext {
  return { principal, source: 'REST', requestId: 'test', services };
}

/** A PodSecurityPolicy in YAML with everything open but what `fields` says (lines of its spec). */
export function policyYaml(name: string, fields = ''): string {
  const anything = ['runAsUser', 'fsGroup', 'supplementalGroups', 'seLinux']
    .filter((field) => !fields.includes(`${field}:`))
    .map((field) => `  ${field}: { rule: RunAsAny }\n`)
    .join('');
  const volumes = fields.includes('volumes:') ? '' : "  volumes: ['*']\n";
  const own = fields === '' ? '' : `${fields.replaceAll(/^/gm, '  ')}\n`;
  return `apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata:\n  name: ${name}\nspec:\n${anything}${volumes}${own}`;
}

/** A Pod in YAML with the given lines in its spec and its container. */
export function podYaml(name: string, spec = '', container = ''): string {
  const lines = (text: string, indent: string) => (text === '' ? '' : `${text.replaceAll(/^/gm, indent)}\n`);
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n${lines(spec, '  ')}  containers:\n    - name: main\n      image: app\n${lines(container, '      ')}`;
}
