import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ACTIONS } from '../src/access/actions.js';
import { READING_THREADS, REPORTING_THREADS, SHARE_OF_BODIES } from '../src/compose-threads.js';
import { parseConfig } from '../src/config.js';
import { LIMITS, MOST_ERRORS, MOST_VARIABLE_ERRORS } from '../src/graphql/limits/limits.js';
import { MOST_SUBSCRIPTIONS } from '../src/graphql/open-subscriptions.js';
import { LARGEST_MESSAGE } from '../src/graphql/web-sockets.js';
import { DEFAULT_FAILED_ATTEMPTS } from '../src/http/failed-attempts.js';
import { SMALL_BODY } from '../src/http/held-bodies.js';
import { SERVER_LIMITS } from '../src/http/server-limits.js';
import { DEFAULT_MANIFEST_LIMITS } from '../src/kubernetes/manifests.js';
import { MOST_CAPABILITIES } from '../src/kubernetes/policy-manifest.js';
import { MOST_PROBLEMS } from '../src/model/errors.js';
import { PAGE_SIZE } from '../src/model/page.js';
import { LONGEST_MESSAGE } from '../src/model/shortened.js';
import { MOST_VALUES_AT_ONCE } from '../src/http/body.js';
import { MOST_DIFFERENT } from '../src/operations/access/refusals.js';
import { MOST_CLUSTERS } from '../src/operations/access/tokens.js';
import {
  MOST_VALUES,
  MOST_VIOLATIONS,
  MOST_WORK,
  MOST_WORK_GIVEN,
} from '../src/operations/evaluation/bounds.js';
import { MOST_KEPT, MOST_SAID, MOST_SAID_OF_POD } from '../src/operations/evaluation/said.js';
import { MOST_POLICIES } from '../src/operations/evaluation/evaluate-against.js';
import { MOST_WAITING_VERIFICATIONS } from '../src/operations/decisions/verify-in-turn.js';
import { LONGEST_POLICY } from '../src/operations/policies/read-manifest.js';
import { SMALL_JSON } from '../src/rest/body.js';
import { MOST_CALLERS } from '../src/webhook/remember-callers.js';
import { LONGEST_MS } from '../src/webhook/review-timeout.js';

const page = readFileSync(join(import.meta.dirname, '../SECURITY.md'), 'utf8');

/** The rows of the table under a heading, without its head. */
function rowsUnder(heading: string): readonly string[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return (own.match(/^\|.*\|$/gm) ?? []).slice(2);
}

const LIMITED = { cluster: 'its clusters', filtered: 'sees its own', global: 'no' } as const;

it('SECURITY.md says of every action who may do it', () => {
  const rows = page.match(/^\| `[\w-]+:[\w-]+` \|.*$/gm) ?? [];
  const expected = Object.entries(ACTIONS).map(
    ([action, { roles, scope }]) => `| \`${action}\` | ${roles.join(', ')} | ${LIMITED[scope]} |`,
  );
  expect(rows).toEqual(expected);
});

it('SECURITY.md names the limits that the program has', () => {
  const n = (value: number) => value.toLocaleString('en');
  const s = (milliseconds: number) => `${milliseconds / 1000} s`;
  const kib = (bytes: number) => `${bytes / 1024} KiB`;
  const mi = (characters: number) => `${characters / 1024 ** 2} Mi`;
  const mib = (bytes: number) => `${bytes / 1024 ** 2} MiB`;
  const config = parseConfig({ PODGATE_WEBHOOK_CERT: 'cert', PODGATE_WEBHOOK_KEY: 'key' });
  const { headersTimeout, maxHeaderSize, mostHeaders, requestTimeout, keepAliveTimeout } = SERVER_LIMITS;
  const { objects, depth, values } = DEFAULT_MANIFEST_LIMITS;
  const { limit, windowSeconds, capacity } = DEFAULT_FAILED_ATTEMPTS;
  const expected: Readonly<Record<string, string>> = {
    'head of a request': `${s(headersTimeout)}, ${kib(maxHeaderSize)}, ${mostHeaders} headers`,
    'a whole request': s(requestTimeout),
    'an idle connection': s(keepAliveTimeout),
    'connections of a listener': n(SERVER_LIMITS.maxConnections),
    'a body': `${mib(config.bodyLimit)} (\`PODGATE_BODY_LIMIT\`), JSON that isn't manifests or GraphQL ${mib(SMALL_JSON)}, a review twice the limit and 64 KiB`,
    [`bodies above ${kib(SMALL_BODY)} that are worked on at once`]: `1/${1 / SHARE_OF_BODIES} of the memory, half of that with one token; one always`,
    'manifests in a body': `${n(objects)} objects, ${n(depth)} levels, ${n(values)} values`,
    'JSON that is read at once: GraphQL, policies and settings': `${n(MOST_VALUES_AT_ONCE)} values`,
    'an object that is evaluated': `${n(MOST_VALUES)} values`,
    'its values times the characters of the policies': `${n(MOST_WORK)}, of policies in the request ${n(MOST_WORK_GIVEN)}`,
    'violations of a pod, by policies that may not be used too': n(MOST_VIOLATIONS),
    'what is said about a pod': `${mi(MOST_SAID_OF_POD)} characters`,
    'what is said in an answer': `${mi(MOST_SAID)} characters, with an \`Idempotency-Key\` ${mi(MOST_KEPT)}`,
    'a policy': `${LONGEST_POLICY / 1024} Ki characters, ${n(MOST_CAPABILITIES)} capabilities in a list`,
    'an evaluation against given policies': `${n(MOST_POLICIES)} policies`,
    'clusters of a token': n(MOST_CLUSTERS),
    'reading a body in a thread': `${s(READING_THREADS.longestMs)}, ${n(READING_THREADS.heapMegabytes)} MB`,
    'writing a report in a thread': `${s(REPORTING_THREADS.longestMs)}, ${n(REPORTING_THREADS.heapMegabytes)} MB`,
    'work that waits for a thread of its kind': n(READING_THREADS.waiting),
    'a GraphQL document': `${LIMITS.characters / 1024} Ki characters, ${n(LIMITS.tokens)} tokens, ${LIMITS.depth} levels, ${LIMITS.aliases} aliases of ${LIMITS.aliasLength} characters, ${LIMITS.directives} directives, cost ${n(LIMITS.cost)}`,
    'objects in the lists of an answer of GraphQL': `${n(LIMITS.items)}, beside what comes whole with an evaluation or decision`,
    'errors of GraphQL in a document': `${MOST_ERRORS}, in variables ${MOST_VARIABLE_ERRORS}`,
    'a message of a WebSocket': kib(LARGEST_MESSAGE),
    'open subscriptions': `${MOST_SUBSCRIPTIONS.perConnection} over a connection, ${n(MOST_SUBSCRIPTIONS.perToken)} with a token`,
    'verifications of logs that run at a time': `1 with a token; ${MOST_WAITING_VERIFICATIONS} wait`,
    'a page of a list': n(PAGE_SIZE.max),
    'problems in an answer': `${n(MOST_PROBLEMS)}, of a message or value ${n(LONGEST_MESSAGE)} characters`,
    'wrong tokens': `${limit} in ${windowSeconds} s from an address; ${n(capacity)} addresses are remembered`,
    'different refusals between two records of them': n(MOST_DIFFERENT),
    'decisions that wait to be written': `${n(config.decisionQueue)} (\`PODGATE_DECISION_QUEUE\`)`,
    'a statement in the database': `${s(config.databaseLimits.statement)} (\`PODGATE_DATABASE_STATEMENT_TIMEOUT\`)`,
    'an answer to an API server': `what it says, ${s(LONGEST_MS)} at most`,
    'decisions on disk while the database is away': `${mib(config.webhook?.journalLimit ?? 0)} (\`PODGATE_WEBHOOK_JOURNAL_LIMIT\`)`,
    'bearer tokens that the webhook remembers meanwhile': n(MOST_CALLERS),
  };
  expect(rowsUnder('Limits')).toEqual(Object.entries(expected).map((row) => `| ${row.join(' | ')} |`));
});
