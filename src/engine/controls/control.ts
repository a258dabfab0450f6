import type { ContainerView } from '../containers.js';
import type { JsonValue } from '../json.js';
import type { PodView } from '../pod-view.js';
import type { FeatureGates, PolicySource } from '../policy-spec.js';
import type { ControlName, FieldErrorType, Violation } from '../violation.js';
import type { VolumeView } from '../volumes.js';

/**
 * One requirement of a policy: what it fills in and what it speaks against. Its answer depends on the pod and on its
 * own rule only, its own defaults included, so equal rules of many policies are asked once a pod.
 */
export interface Control<Rule> {
  /** The file's name. */
  readonly id: string;
  /** What one can look up about it: one entry for each field of the policy that it may name. */
  readonly fields: readonly ControlField[];
  /**
   * The control's own part of a policy's spec and annotations, as plain data that can be compared; `null` where the
   * policy neither fills in nor demands anything here.
   */
  rule(policy: PolicySource, gates: FeatureGates): Rule | null;
  /** Why admission can't work with this rule although the API accepts it, or `null`. */
  unusable?(rule: Rule): string | null;
  /** Whether the pod has anything that any rule of this control looks at; without it: always. */
  applies?(this: void, pod: PodView): boolean;
  /** Fills in what the policy provides and the pod leaves open. */
  default?(this: void, rule: Rule, pod: PodView, report: Report): void;
  /** Judges the pod as it is after `default`. */
  validate?(this: void, rule: Rule, pod: PodView, report: Report): void;
}

/** The public face of a control, for reports and documentation. */
export interface ControlField {
  readonly name: ControlName;
  readonly title: string;
  /** What it restricts. */
  readonly description: string;
  /** What to change in the pod, or who may change what in the policy. */
  readonly help: string;
}

/** One value that a policy fills in. */
export interface Change {
  readonly target: 'annotation' | 'podContext' | 'spec' | 'containerContext';
  /** Only with target `containerContext`. */
  readonly container: ContainerView | null;
  /** The annotation's key, or the member's name. */
  readonly member: string;
  readonly value: JsonValue;
}

/** Violations with their places in the order in which Kubernetes reports them, ascending. */
export interface OrderedViolations {
  readonly violations: readonly Violation[];
  readonly order: readonly number[];
}

/** Pod level comes first; volumes have their places within their controls' one. Then come the containers. */
const POD_STEP = 2 ** 20;
const CONTAINERS_BEGIN = 2 ** 30;
const CONTAINER_STEP = 64;

/**
 * What controls write to. One report serves all rules of an evaluation in turn and allocates nothing until something
 * is wrong. That a rule fills something in is always noted; what it fills in only where that is asked for.
 * (Its members are private by the compiler: `#` members cost a check at each of the many accesses.)
 */
export class Report {
  private readonly changes: Change[] | null;
  private mutates = false;
  /** Kept from rule to rule and copied out, which is cheaper than new lists that grow. */
  private readonly violations: Violation[] = [];
  private readonly order: number[] = [];
  private count = 0;
  private podPlace = 0;
  private containerPlace = 0;

  constructor(changes: Change[] | null) {
    this.changes = changes;
  }

  /** Starts the rules of a control, with its places in Kubernetes' orders of pod level and container level checks. */
  begin(podPosition: number, containerPosition: number): void {
    this.podPlace = podPosition * POD_STEP;
    this.containerPlace = CONTAINERS_BEGIN + containerPosition;
  }

  /** Whether the last rule fills something in. Forgets it. */
  takeMutates(): boolean {
    const mutates = this.mutates;
    this.mutates = false;
    return mutates;
  }

  /** What the last rule speaks against; `null`: nothing. Forgets it. */
  takeViolations(): OrderedViolations | null {
    const count = this.count;
    if (count === 0) return null;
    this.count = 0;
    const violation = this.violations[0];
    const place = this.order[0];
    // Most findings are one violation; a list of one is made faster than a copy.
    if (count === 1 && violation !== undefined && place !== undefined) {
      return { violations: [violation], order: [place] };
    }
    return { violations: this.violations.slice(0, count), order: this.order.slice(0, count) };
  }

  /** Fills in an annotation of the pod. */
  annotate(key: string, value: string): void {
    this.change('annotation', null, key, value);
  }

  /** Fills in a member of `spec.securityContext`. */
  setPodContext(member: string, value: JsonValue): void {
    this.change('podContext', null, member, value);
  }

  /** Fills in a member of `spec`. */
  setSpec(member: string, value: JsonValue): void {
    this.change('spec', null, member, value);
  }

  /**
   * Fills in a member of a container's securityContext; a costly value is given as a function. Returns whether changes
   * to more containers are of interest.
   */
  setContext(container: ContainerView, member: string, value: JsonValue | (() => JsonValue)): boolean {
    this.change('containerContext', container, member, value);
    return this.changes !== null;
  }

  /** Something wrong at pod level. */
  pod(control: ControlName, type: FieldErrorType, field: string, value: JsonValue, message: string): void {
    this.add(this.podPlace, { control, type, field, container: null, value, message });
  }

  /** Something wrong with a volume. Kubernetes reports volumes one by one, whichever control speaks. */
  volume(
    { index }: VolumeView,
    container: string | null,
    control: ControlName,
    field: string,
    value: JsonValue,
    message: string,
  ): void {
    this.add(this.podPlace + index, { control, type: 'Invalid', field, container, value, message });
  }

  /** Something wrong with a container. */
  container(
    { name, position }: ContainerView,
    control: ControlName,
    type: FieldErrorType,
    field: string,
    value: JsonValue,
    message: string,
  ): void {
    const place = this.containerPlace + position * CONTAINER_STEP;
    this.add(place, { control, type, field, container: name, value, message });
  }

  private add(place: number, violation: Violation): void {
    this.violations[this.count] = violation;
    this.order[this.count] = place;
    this.count++;
  }

  private change(
    target: Change['target'],
    container: ContainerView | null,
    member: string,
    value: JsonValue | (() => JsonValue),
  ): void {
    this.mutates = true;
    this.changes?.push({ target, container, member, value: typeof value === 'function' ? value() : value });
  }
}
