import { connect, type Socket } from 'node:net';

/** What a run has measured; times in milliseconds. */
export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Answers other than 200. */
  readonly failed: number;
}

/** Where requests go, and the requests themselves: whole HTTP/1.1 messages, sent in turn. */
export interface Target {
  readonly port: number;
  readonly requests: readonly Buffer[];
}

/** Sends over so many connections, each one request after the other, for so many seconds. */
export async function closedLoop(target: Target, connections: number, seconds: number): Promise<Measured> {
  const run = createRun(target);
  const ends = performance.now() + seconds * 1000;
  const workers = Array.from({ length: connections }, async () => {
    const send = await openConnection(target.port);
    while (performance.now() < ends) await run.once(send, performance.now());
    send.close();
  });
  await Promise.all(workers);
  return run.measured(seconds);
}

/** Sends at a steady rate, whatever the answers take; the time of each counts from when it was due. */
export async function openLoop(
  target: Target,
  connections: number,
  perSecond: number,
  seconds: number,
): Promise<Measured> {
  const run = createRun(target);
  const total = perSecond * seconds;
  const start = performance.now();
  let next = 0;
  const workers = Array.from({ length: connections }, async () => {
    const send = await openConnection(target.port);
    while (next < total) {
      const due = start + (next * 1000) / perSecond;
      next += 1;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      await run.once(send, due);
    }
    send.close();
  });
  await Promise.all(workers);
  return run.measured((performance.now() - start) / 1000);
}

/**
 * Makes calls at a steady rate, whether those before have ended or not; gives for how many milliseconds each took, from
 * when it was due. Once one fails no more are made, and its error is thrown.
 */
export async function steadily(
  perSecond: number,
  seconds: number,
  call: (number: number) => Promise<void>,
): Promise<readonly number[]> {
  const start = performance.now();
  const calls: Promise<number>[] = [];
  const stopping = new AbortController();
  for (let number = 0; number < perSecond * seconds && !stopping.signal.aborted; number += 1) {
    const due = start + (number * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((done) => setTimeout(done, early));
    const timed = call(number).then(() => performance.now() - due);
    // Seen at the end; a rejection that nobody listens to would end this process, and leave those that it started.
    timed.catch(() => stopping.abort());
    calls.push(timed);
  }
  return Promise.all(calls);
}

function createRun({ requests }: Target) {
  const times: number[] = [];
  let failed = 0;
  let sent = 0;
  return {
    async once(send: Connection, since: number): Promise<void> {
      const request = requests[sent % requests.length] ?? Buffer.alloc(0);
      sent += 1;
      if ((await send.request(request)) !== 200) failed += 1;
      times.push(performance.now() - since);
    },
    measured(seconds: number): Measured {
      times.sort((a, b) => a - b);
      const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
      return { perSecond: times.length / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99), failed };
    },
  };
}

interface Connection {
  /** Sends a request and gives the status of its answer. */
  readonly request: (bytes: Buffer) => Promise<number>;
  readonly close: () => void;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** The least that HTTP needs, so that the generator takes little of what it measures. */
async function openConnection(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((done, reject) => socket.once('connect', done).once('error', reject));
  let pending: ((status: number) => void) | null = null;
  // No answer comes any more: a failed request, not one that is waited for.
  socket.on('error', () => undefined).on('close', () => pending?.(0));
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = received.toString('latin1', 0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (received.length < headEnd + HEAD_END.length + length) return;
    received = Buffer.alloc(0);
    pending?.(Number(head.slice(9, 12)));
  });
  return {
    request: (bytes) =>
      new Promise((resolve) => {
        pending = resolve;
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

/** A POST of JSON as a whole message. */
export function post(path: string, body: string, token: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
