import type { ContainerView } from './containers.js';
import type { JsonValue } from './json.js';
import type { ControlName, FieldErrorType, Violation } from './violation.js';

/** Violations with their places in the order in which Kubernetes reports them, ascending. */
export interface OrderedViolations {
  readonly violations: readonly Violation[];
  readonly order: readonly number[];
}

/** Pod level comes first; volumes have their places within their controls' one. Then come the containers. */
const POD_STEP = 2 ** 20;
const CONTAINERS_BEGIN = 2 ** 30;
const CONTAINER_STEP = 64;

const NOTHING: OrderedViolations = { violations: [], order: [] };

/** The path of what is wrong, or how it follows from the container; that is put together only where it is new. */
type Field = string | ((container: ContainerView) => string);

/**
 * What the controls' validation writes to, one demand after the other. Nothing is allocated until something is wrong,
 * and demands of one control that say the same about a pod, as they mostly do, share what is said.
 * (Its members are private by the compiler: `#` members cost a check at each of the many accesses.)
 */
export class Findings {
  /** Of the demand that speaks, and behind `count` what those before it left. */
  private readonly violations: Violation[] = [];
  private readonly fields: Field[] = [];
  private readonly order: number[] = [];
  private count = 0;
  /** Whether all that was said since `take` is what the last list has in the same places. */
  private repeated = true;
  private last = NOTHING;
  private podPlace = 0;
  private containerPlace = 0;
  private readonly most: number;

  /** Of one demand one thing more than `most` is kept, which tells that there are too many. */
  constructor(most: number) {
    this.most = most;
  }

  /** Whether the demand that speaks has said more than is kept. What may say very much need not go on. */
  get isFull(): boolean {
    return this.count > this.most;
  }

  /** Starts the demands of a control, with its places in Kubernetes' orders of pod level and container level checks. */
  begin(podPosition: number, containerPosition: number): void {
    this.podPlace = podPosition * POD_STEP;
    this.containerPlace = CONTAINERS_BEGIN + containerPosition;
  }

  /** What the last demand speaks against; `null`: nothing. Forgets it. */
  take(): OrderedViolations | null {
    const { count } = this;
    if (count === 0) return null;
    if (!this.repeated || this.last.order.length !== count) {
      this.last = { violations: firstOf(this.violations, count), order: firstOf(this.order, count) };
    }
    this.count = 0;
    this.repeated = true;
    return this.last;
  }

  /** Whether the last demand speaks against nothing. Forgets what it speaks against, but may repeat it. */
  dismiss(): boolean {
    const { count } = this;
    this.count = 0;
    this.repeated = true;
    this.last = count === 0 ? this.last : NOTHING;
    return count === 0;
  }

  /** Something wrong at pod level. */
  pod(control: ControlName, type: FieldErrorType, field: string, value: JsonValue, message: string): void {
    this.add(this.podPlace, control, type, field, null, value, message);
  }

  /** Something wrong with a volume, or with how a container mounts it. Kubernetes reports them volume by volume. */
  volume(
    index: number,
    container: ContainerView | null,
    control: ControlName,
    field: string,
    value: JsonValue,
    message: string,
  ): void {
    this.add(this.podPlace + index, control, 'Invalid', field, container, value, message);
  }

  /** Something wrong with a container. */
  container(
    container: ContainerView,
    control: ControlName,
    type: FieldErrorType,
    field: Field,
    value: JsonValue,
    message: string,
  ): void {
    const place = this.containerPlace + container.position * CONTAINER_STEP;
    this.add(place, control, type, field, container, value, message);
  }

  private add(
    place: number,
    control: ControlName,
    type: FieldErrorType,
    field: Field,
    container: ContainerView | null,
    value: JsonValue,
    message: string,
  ): void {
    if (this.isFull) return;
    const at = this.count++;
    const said = this.violations[at];
    if (
      said !== undefined &&
      this.order[at] === place &&
      this.fields[at] === field &&
      said.control === control &&
      said.message === message &&
      said.value === value &&
      said.container === (container === null ? null : container.name) &&
      said.type === type
    ) {
      return;
    }
    const path = typeof field === 'string' ? field : container === null ? '' : field(container);
    const name = container === null ? null : container.name;
    this.violations[at] = { control, type, field: path, container: name, value, message };
    this.fields[at] = field;
    this.order[at] = place;
    this.repeated = false;
  }
}

/** A copy of a list's beginning. Most are of one item. */
function firstOf<Item>(list: readonly Item[], count: number): readonly Item[] {
  const [first] = list;
  return count === 1 && first !== undefined ? [first] : list.slice(0, count);
}
