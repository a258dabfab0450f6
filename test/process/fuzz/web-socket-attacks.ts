import fc from 'fast-check';
import { TOKEN } from '../../failures/load.js';
import { type Frame, frame, OPCODES } from './web-socket-frames.js';

/** A WebSocket: how it is opened, what is sent over it, and how it ends. */
export interface WebSocketAttack {
  readonly handshake: readonly string[];
  /** What is sent first; the token, most of the time. */
  readonly welcome: readonly Frame[];
  /** Whether the answer to that is waited for, without which nothing else is taken. */
  readonly isPatient: boolean;
  readonly frames: readonly Frame[];
  /** Where the bytes are parted. */
  readonly cuts: readonly number[];
  readonly end: 'half' | 'reset' | 'wait';
}

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION = 'Sec-WebSocket-Version: 13';
const PROTOCOL = 'Sec-WebSocket-Protocol: graphql-transport-ws';
const handshake = fc.oneof(
  { weight: 12, arbitrary: fc.constant([KEY, VERSION, PROTOCOL]) },
  fc.constantFrom(
    [VERSION, PROTOCOL],
    [KEY, PROTOCOL],
    [KEY, VERSION],
    ['Sec-WebSocket-Key: x', VERSION, PROTOCOL],
    [KEY, 'Sec-WebSocket-Version: 99', PROTOCOL],
    [KEY, VERSION, 'Sec-WebSocket-Protocol: graphql-ws'],
    [KEY, VERSION, 'Sec-WebSocket-Protocol: ,,'],
    [KEY, VERSION, `Sec-WebSocket-Protocol: ${'a, '.repeat(2_000)}graphql-transport-ws`],
    [KEY, VERSION, PROTOCOL, 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=1'],
    [KEY, VERSION, PROTOCOL, 'Sec-WebSocket-Extensions: ;=,"'],
    [KEY, VERSION, PROTOCOL, 'Content-Length: 5'],
  ),
);

const init = (authorization: unknown) => ({ type: 'connection_init', payload: { authorization } });
const WATCH = 'subscription { decisionRecorded(cluster: "prod", after: "0") { id sequence } }';
const subscribe = (id: unknown, payload: unknown = { query: WATCH }) => ({ type: 'subscribe', id, payload });
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, -1, [], {}, true, '__proto__', '\u0000', '\ud800', 'x'.repeat(2_000)),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 3 }),
);
const query = fc.oneof(
  fc.constantFrom(
    WATCH,
    '{ viewer { actor } }',
    'subscription { decisionRecorded(cluster: "nowhere") { id } }',
    'subscription { decisionRecorded(cluster: "prod", after: "999999999999999999") { id } }',
    'subscription ($after: String) { decisionRecorded(cluster: "prod", after: $after) { id } }',
    'subscription ($filter: DecisionFilter) { decisionRecorded(cluster: "prod", filter: $filter) { id } }',
    'subscription { a: decisionRecorded(cluster: "prod") { id } b: decisionRecorded(cluster: "prod") { id } }',
    `subscription { decisionRecorded(cluster: "prod") ${'{ cluster '.repeat(200)}{ id }${'}'.repeat(200)} }`,
    '{'.repeat(5_000),
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
);
const variables = fc.oneof(
  fc.dictionary(fc.constantFrom('after', 'filter', '__proto__'), oddValue),
  fc.record({ filter: fc.dictionary(fc.constantFrom('name', 'namespace', 'allowed', 'since'), oddValue) }),
);
/** Messages that are some, whatever they ask for: a connection goes on after them. */
const request = fc
  .record(
    { query, variables, operationName: fc.string(), extensions: fc.constant({ x: 1 }) },
    { requiredKeys: ['query'] },
  )
  .map((each): object => each);
const goodId = fc.oneof(
  fc.nat(1_000_000).map(String),
  fc.constantFrom('1', '__proto__', 'x'.repeat(300), '\u0000'),
);
const goodMessage: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(goodId, request).map(([id, payload]) => subscribe(id, payload)) },
  { weight: 2, arbitrary: goodId.map((id) => subscribe(id)) },
  goodId.map((id) => subscribe(id, { documentId: id })),
  goodId.map((id) => ({ type: 'complete', id })),
  fc
    .tuple(fc.constantFrom('ping', 'pong'), fc.dictionary(fc.string({ unit: 'binary' }), oddValue))
    .map(([type, payload]) => ({ type, payload })),
);
const badMessage = fc.oneof(
  fc.tuple(oddValue, request).map(([id, payload]) => subscribe(id, payload)),
  oddValue.map((payload) => subscribe('1', payload)),
  fc
    .tuple(fc.constantFrom('query', 'variables', 'operationName', 'extensions', 'documentId'), oddValue)
    .map(([name, odd]) => subscribe('1', { query: WATCH, [name]: odd })),
  fc
    .tuple(fc.constantFrom('ping', 'pong', 'complete'), oddValue)
    .map(([type, payload]) => ({ type, payload })),
  fc.constantFrom<unknown>(
    init(`Bearer ${TOKEN}`),
    { type: 'connection_ack' },
    { type: 'next', id: '1', payload: {} },
    { type: 'error', id: '1', payload: [new Error('x')] },
    { type: '__proto__' },
    { type: 'start', id: '1', payload: { query: WATCH } },
  ),
  oddValue.map((type) => ({ type })),
  oddValue,
);
const nested = (opening: string, closing: string, depth: number) =>
  opening.repeat(depth) + closing.repeat(depth);
const badText = fc.oneof(
  { weight: 5, arbitrary: badMessage.map((message) => [JSON.stringify(message)]) },
  fc.constantFrom(
    [`{"type":"ping","payload":{"a":${nested('[', ']', 3_000)}}}`],
    [`{"type":"ping","payload":{"a":${nested('[', ']', 100_000)}}}`],
    [nested('{"a":', '}', 20_000)],
    [`{"type":"ping","payload":{"a":"${'x'.repeat(250_000)}"}}`],
    [`{"type":"ping","payload":{"a":"${'x'.repeat(300_000)}"}}`],
    ['{"type":"ping","type":"pong","__proto__":{"a":1}}'],
    ['x'.repeat(300), 'x'.repeat(300)].map((id) => JSON.stringify(subscribe(id))),
    Array.from({ length: 150 }, (_, index) => JSON.stringify(subscribe(`many-${index}`))),
    Array.from({ length: 500 }, () => '{"type":"ping","payload":{"a":"b"}}'),
  ),
  fc.string({ unit: 'binary', maxLength: 50 }).map((each) => [each]),
);
const messages = (texts: readonly string[]) => texts.map((text) => frame(OPCODES.text, text));

const hugeLength = fc.constantFrom(0n, 125n, 126n, 65_536n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n);
const oddFrame: fc.Arbitrary<readonly Frame[]> = fc.oneof(
  fc
    .record({
      isLast: fc.boolean(),
      reserved: fc.constantFrom(0, 0, 0, 1, 4, 7),
      opcode: fc.nat(15),
      isMasked: fc.constantFrom(true, true, true, false),
      length: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, hugeLength),
      payload: fc.uint8Array({ maxLength: 200 }),
    })
    .map((each) => [each]),
  // A closing frame with each kind of code, and a reason that is none.
  fc
    .tuple(
      fc.constantFrom(0, 999, 1000, 1005, 1006, 1015, 2999, 4400, 65_535),
      fc.uint8Array({ maxLength: 140 }),
    )
    .map(([code, reason]) => [frame(OPCODES.close, Uint8Array.of(code >> 8, code & 255, ...reason))]),
  fc.constantFrom(
    [frame(OPCODES.text, Uint8Array.of(0xff, 0xfe, 0xc0, 0x80))],
    [frame(OPCODES.close, Uint8Array.of(3))],
    [frame(OPCODES.ping, 'x'.repeat(126))],
    Array.from({ length: 1_000 }, () => frame(OPCODES.ping, 'x'.repeat(125))),
    [
      { ...frame(OPCODES.text, '{"type":'), isLast: false },
      frame(OPCODES.ping, ''),
      frame(OPCODES.continuation, '"ping"}'),
    ],
    Array.from({ length: 2_000 }, () => ({ ...frame(OPCODES.text, ''), isLast: false })),
    [frame(OPCODES.continuation, 'x')],
    [frame(OPCODES.binary, JSON.stringify(init(`Bearer ${TOKEN}`)))],
  ),
);

const welcome = fc.oneof(
  { weight: 8, arbitrary: fc.constant([frame(OPCODES.text, JSON.stringify(init(`Bearer ${TOKEN}`)))]) },
  { weight: 1, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc
      .oneof(fc.constant('Bearer wrong'), oddValue)
      .map((token) => [frame(OPCODES.text, JSON.stringify(init(token)))]),
  },
);
/** Somebody opens a WebSocket and says something that is none, or wrong, or too much. */
export const webSocketAttack: fc.Arbitrary<WebSocketAttack> = fc.record({
  handshake,
  welcome,
  isPatient: fc.constantFrom(true, true, true, false),
  frames: fc
    .tuple(
      fc.array(goodMessage, { maxLength: 5 }).map((each) => messages(each.map((one) => JSON.stringify(one)))),
      fc.oneof(badText.map(messages), oddFrame, fc.constant([])),
      fc.constantFrom(0, 1, 1, 1),
    )
    .map(([good, bad, isLate]) => (isLate === 1 ? [...good, ...bad] : [...bad, ...good])),
  cuts: fc.array(fc.nat(1_000), { maxLength: 3 }),
  end: fc.constantFrom('half', 'reset', 'wait', 'wait'),
});
