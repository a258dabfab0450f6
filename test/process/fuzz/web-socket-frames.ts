import { Buffer } from 'node:buffer';

/** A frame as a client writes it, with everything that can be wrong with one (RFC 6455, 5.2). */
export interface Frame {
  readonly isLast: boolean;
  /** The three reserved bits, as a number up to 7. */
  readonly reserved: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  /** What the frame says of its length; null: the truth, in the shortest form. */
  readonly length: bigint | null;
  readonly payload: Uint8Array;
}

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame with which nothing is wrong. */
export function frame(opcode: number, payload: string | Uint8Array): Frame {
  return {
    isLast: true,
    reserved: 0,
    opcode,
    isMasked: true,
    length: null,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
  };
}

const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);

/** The bytes of a frame. */
export function bytesOf({ isLast, reserved, opcode, isMasked, length, payload }: Frame): Buffer {
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = isMasked ? 0x80 : 0;
  const said = length ?? BigInt(payload.length);
  const body = isMasked ? payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0)) : payload;
  const mask = isMasked ? MASK : Buffer.alloc(0);
  return Buffer.concat([Buffer.from([first]), lengthBytes(said, maskBit, length !== null), mask, body]);
}

function lengthBytes(length: bigint, maskBit: number, isLong: boolean): Buffer {
  if (length < 126 && !isLong) return Buffer.from([maskBit | Number(length)]);
  if (length < 65_536 && !isLong)
    return Buffer.from([maskBit | 126, Number(length >> 8n), Number(length & 255n)]);
  const eight = Buffer.alloc(9);
  eight[0] = maskBit | 127;
  eight.writeBigUInt64BE(length, 1);
  return eight;
}

/** What a server has sent: its messages, the code with which it closed (null: it didn't), and what is wrong with it. */
export interface Received {
  readonly messages: readonly string[];
  readonly closeCode: number | null;
  readonly wrong: string | null;
}

/** Reads the frames of a server; one that is cut short at the end is none yet. */
export function readFrames(bytes: Buffer): Received {
  const messages: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    const form = second & 0x7f;
    const headLength = form === 127 ? 10 : form === 126 ? 4 : 2;
    if (at + headLength > bytes.length) break;
    const length =
      form === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : form === 126 ? bytes.readUInt16BE(at + 2) : form;
    const payload = bytes.subarray(at + headLength, at + headLength + length);
    if (payload.length < length) break;
    at += headLength + length;
    const opcode = first & 0x0f;
    if (second > 127 || (first & 0xf0) !== 0x80)
      return { messages, closeCode: null, wrong: 'is no frame of a server' };
    if (opcode === OPCODES.close) {
      const closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      return { messages, closeCode, wrong: at === bytes.length ? null : 'goes on behind its end' };
    }
    if (opcode === OPCODES.text) messages.push(payload.toString());
  }
  return { messages, closeCode: null, wrong: null };
}
