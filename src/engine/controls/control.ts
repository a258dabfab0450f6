import type { ContainerView, PodView } from '../containers.js';
import type { JsonValue } from '../json.js';
import type { FeatureGates, PolicySource } from '../policy-spec.js';
import type { ControlName, FieldErrorType, Violation } from '../violation.js';

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
  /** Fills in what the policy provides and the pod leaves open. */
  default?(rule: Rule, pod: PodView, report: Report): void;
  /** Judges the pod as it is after `default`. */
  validate?(rule: Rule, pod: PodView, report: Report): void;
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

/** What one control found out about one pod. */
export interface Finding {
  readonly changes: readonly Change[];
  readonly violations: readonly Violation[];
  /** For each violation its place in the order in which Kubernetes reports them. */
  readonly order: readonly number[];
}

const CONTAINERS_BEGIN = 2 ** 30;
const POD_STEP = 2 ** 20;
const CONTAINER_STEP = 64;
const NO_CHANGES: readonly Change[] = Object.freeze([]);
const NO_VIOLATIONS: readonly Violation[] = Object.freeze([]);
const NO_ORDER: readonly number[] = Object.freeze([]);

/**
 * What controls write to. One report serves a whole evaluation; it allocates nothing until something is found.
 */
export class Report {
  #changes: Change[] | null = null;
  #violations: Violation[] | null = null;
  #order: number[] = [];
  #podPosition = 0;
  #containerPosition = 0;

  /** Starts the next control, with its places in Kubernetes' order of pod level and container level checks. */
  begin(podPosition: number, containerPosition: number): void {
    this.#podPosition = podPosition;
    this.#containerPosition = containerPosition;
  }

  /** What was found since `begin`; `null` where there is nothing to fill in and nothing wrong. */
  finish(): Finding | null {
    if (this.#changes === null && this.#violations === null) return null;
    const finding: Finding = {
      changes: this.#changes ?? NO_CHANGES,
      violations: this.#violations ?? NO_VIOLATIONS,
      order: this.#violations === null ? NO_ORDER : this.#order,
    };
    this.#changes = null;
    if (this.#violations !== null) this.#order = [];
    this.#violations = null;
    return finding;
  }

  /** Fills in an annotation of the pod. */
  annotate(key: string, value: string): void {
    this.#change({ target: 'annotation', container: null, member: key, value });
  }

  /** Fills in a member of `spec.securityContext`. */
  setPodContext(member: string, value: JsonValue): void {
    this.#change({ target: 'podContext', container: null, member, value });
  }

  /** Fills in a member of `spec`. */
  setSpec(member: string, value: JsonValue): void {
    this.#change({ target: 'spec', container: null, member, value });
  }

  /** Fills in a member of a container's securityContext. */
  setContext(container: ContainerView, member: string, value: JsonValue): void {
    this.#change({ target: 'containerContext', container, member, value });
  }

  /** Something wrong at pod level. */
  pod(control: ControlName, type: FieldErrorType, field: string, value: JsonValue, message: string): void {
    this.#violation({ control, type, field, container: null, value, message }, this.#podPosition * POD_STEP);
  }

  /** Something wrong with a volume. Kubernetes reports volumes one by one, whichever control speaks. */
  volume(
    index: number,
    container: string | null,
    control: ControlName,
    field: string,
    value: JsonValue,
    message: string,
  ): void {
    this.#violation(
      { control, type: 'Invalid', field, container, value, message },
      this.#podPosition * POD_STEP + index,
    );
  }

  /** Something wrong with a container. */
  container(
    container: ContainerView,
    control: ControlName,
    type: FieldErrorType,
    field: string,
    value: JsonValue,
    message: string,
  ): void {
    this.#violation(
      { control, type, field, container: container.name, value, message },
      CONTAINERS_BEGIN + container.position * CONTAINER_STEP + this.#containerPosition,
    );
  }

  #change(change: Change): void {
    if (this.#changes === null) this.#changes = [change];
    else this.#changes.push(change);
  }

  #violation(violation: Violation, order: number): void {
    if (this.#violations === null) this.#violations = [violation];
    else this.#violations.push(violation);
    this.#order.push(order);
  }
}
