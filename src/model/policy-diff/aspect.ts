import type {
  Container,
  ControlName,
  JsonValue,
  PodSecurityContext,
  PodSecurityPolicySpec,
  PodSpec,
  PolicySource,
  SecurityContext,
} from '../../engine/index.js';

/**
 * A side of pods that policies speak about, independent of all others: its fields of a policy look at members of the
 * pod that no other aspect looks at. So the pods that a policy admits are all combinations of what it admits in each
 * aspect, and two policies can be compared aspect by aspect.
 */
export interface Aspect {
  /** What of a policy it is made of. */
  readonly fields: readonly PolicyField[];
  /**
   * Parts of pods that stand for all there are: whatever either policy admits (or admits unchanged) and the other one
   * doesn't, some part here shows, and each policy that admits anything admits one of them. The plainest come first.
   */
  points(before: PolicySource, after: PolicySource): readonly PodPart[];
}

/** A field of a PodSecurityPolicy: a member of its spec or an annotation. */
export interface PolicyField {
  readonly place: 'spec' | 'annotations';
  readonly key: string;
  /**
   * The control by which the engine reports what the field refuses. Fields of one control are judged together. `null`:
   * the field refuses nothing, it is only filled in.
   */
  readonly control: ControlName | null;
}

/** What one aspect of a pod with one container may look like. */
export interface PodPart {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: PodSpec;
  readonly podContext?: PodSecurityContext;
  readonly container?: Container;
  readonly context?: SecurityContext;
}

/** A pod that says nothing in some aspect. */
export const SILENT: PodPart = {};

/** A member of the spec. */
export function specField(key: keyof PodSecurityPolicySpec, control: ControlName | null): PolicyField {
  return { place: 'spec', key, control };
}

/** An annotation of the policy. */
export function annotationField(key: string, control: ControlName | null): PolicyField {
  return { place: 'annotations', key, control };
}

/** The field's path as Kubernetes writes it. */
export function fieldPath({ place, key }: PolicyField): string {
  return place === 'spec' ? `spec.${key}` : `metadata.annotations[${key}]`;
}

/** The field's value as it stands in a policy; `null`: absent. */
export function fieldValue(policy: PolicySource, { place, key }: PolicyField): JsonValue {
  // Safe: both are decoded JSON, of which the type only tells more.
  const members = (policy[place] ?? {}) as Readonly<Record<string, JsonValue>>;
  return members[key] ?? null;
}

/** A policy that admits every pod that says nothing, leaves it as it is, and stands in no field's way. */
const NEUTRAL: PolicySource = {
  name: 'neutral',
  annotations: {},
  spec: {
    volumes: ['*'],
    allowPrivilegeEscalation: true,
    runAsUser: { rule: 'RunAsAny' },
    seLinux: { rule: 'RunAsAny' },
    supplementalGroups: { rule: 'RunAsAny' },
    fsGroup: { rule: 'RunAsAny' },
  },
};

/** A policy that consists of nothing but the given fields, each as it stands in the policy beside it. */
export function policyOf(fields: readonly (readonly [PolicyField, PolicySource])[]): PolicySource {
  const made = { spec: { ...NEUTRAL.spec }, annotations: { ...NEUTRAL.annotations } };
  for (const [field, policy] of fields) {
    const value = fieldValue(policy, field);
    // An annotation that is there with an empty value counts as there; only absent ones are left out.
    Object.assign(made[field.place], { [field.key]: value === null ? undefined : value });
  }
  return { name: NEUTRAL.name, ...made };
}
