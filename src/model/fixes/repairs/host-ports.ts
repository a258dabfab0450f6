import type { JsonValue, PolicySource } from '../../../engine/index.js';
import { isList, type Path, valueAt } from '../json-edit.js';
import { type Broken, containerPath, either, perPolicy, remove, type Repair } from '../repair.js';

/**
 * A port of the node is the author's choice where there is one; where the policy allows none, the port is taken back,
 * and with it hostNetwork where that is what makes it one of the node's.
 */
export function hostPorts(broken: Broken): readonly Repair[] {
  const { violation, pod, policy } = broken;
  const ports = [...containerPath(violation.field), 'ports'];
  const list = valueAt(pod, ports);
  if (!isList(list)) return [];
  const offer = offerOf(policy);
  return (placesOf(list).get(violation.value) ?? []).map(({ index, asked }) => {
    if (offer !== null) return choice([...ports, index], !asked, offer);
    return asked ? remove(...ports, index, 'hostPort') : remove('spec', 'hostNetwork');
  });
}

interface Place {
  readonly index: number;
  /** Whether the port of the node is named, rather than taken by hostNetwork. */
  readonly asked: boolean;
}

/** Of each list of ports where each port of the node stands; a list is asked for each of its ports. */
const known = new WeakMap<object, ReadonlyMap<unknown, readonly Place[]>>();

function placesOf(list: readonly JsonValue[]): ReadonlyMap<unknown, readonly Place[]> {
  const found = known.get(list);
  if (found !== undefined) return found;
  const places = new Map<unknown, Place[]>();
  for (const [index, port] of list.entries()) {
    const hostPort = valueAt(port, ['hostPort']) || undefined;
    const taken = hostPort ?? valueAt(port, ['containerPort']);
    const same = places.get(taken) ?? [];
    same.push({ index, asked: hostPort !== undefined });
    places.set(taken, same);
  }
  known.set(list, places);
  return places;
}

/** What a policy allows. */
interface Offer {
  readonly texts: readonly string[];
  /** The texts in a sentence. */
  readonly either: string;
  /** A port that is allowed. */
  readonly sample: number;
}

/** null: no port at all. */
const offerOf = perPolicy((policy): Offer | null => {
  const ranges = rangesOf(policy);
  const [first] = ranges;
  if (first === undefined) return null;
  const texts = ranges.map(({ min, max }) => (min === max ? `${min}` : `${min}-${max}`));
  return { texts, either: either(texts), sample: first.min };
});

function choice(port: Path, byNetwork: boolean, { texts, either: listed, sample: number }: Offer): Repair {
  return {
    kind: 'choose',
    path: [...port, byNetwork ? 'containerPort' : 'hostPort'],
    message: byNetwork
      ? `with hostNetwork every container port is a host port: choose one from ${listed}`
      : `choose a host port from ${listed}, or do without one`,
    allowed: texts,
    sample: { path: port, value: { containerPort: number, hostPort: number } },
  };
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** The ranges that have a port in them. */
function rangesOf({ spec }: PolicySource): readonly Range[] {
  return (spec.hostPorts ?? [])
    .map(({ min, max }) => ({ min: Math.max(min ?? 0, 1), max: Math.min(max ?? 0, 65_535) }))
    .filter(({ min, max }) => min <= max);
}
