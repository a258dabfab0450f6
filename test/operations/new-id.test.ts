import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNewId } from '../../src/operations/new-id.js';

const UUIDV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

afterEach(() => vi.useRealTimers());

describe('new ids', () => {
  it('are UUIDv7s of the present millisecond', () => {
    vi.useFakeTimers({ now: new Date('2026-03-01T12:00:00.123Z') });
    const id = createNewId()();
    expect(id).toMatch(UUIDV7);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(Date.now());
  });

  it('grow, within a millisecond and when the clock goes back', () => {
    vi.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z') });
    const newId = createNewId();
    const ids = Array.from({ length: 1000 }, newId);
    vi.setSystemTime(new Date('2026-03-01T11:59:00Z'));
    ids.push(newId());
    vi.setSystemTime(new Date('2026-03-01T12:00:01Z'));
    ids.push(newId());
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('differ between makers', () => {
    const [one, other] = [createNewId(), createNewId()];
    const ids = Array.from({ length: 500 }, () => [one(), other()]).flat();
    expect(new Set(ids.map((id) => id.slice(24))).size).toBe(ids.length);
  });
});
