import type { ContainerView } from './containers.js';
import type { JsonValue } from './json.js';

/** Members by name, in the order in which they were filled in. */
type Members = Record<string, JsonValue>;

/** What is filled into one container's securityContext. */
export interface ContextChanges {
  readonly container: ContainerView;
  readonly members: Members;
}

/**
 * What the defaults of controls write to: either what is filled in, or only the note that something is, which allocates
 * nothing.
 */
export class Changes {
  /** Annotations of the pod, members of its `spec` and of `spec.securityContext`; `null`: none. */
  annotations: Members | null = null;
  spec: Members | null = null;
  podContext: Members | null = null;
  /** By the containers' positions; those that nothing is filled into are missing. */
  readonly contexts: (ContextChanges | undefined)[] = [];
  private readonly kept: boolean;
  private noted = false;

  /** With `note` only whether there are changes is kept, with `keep` all of them. */
  constructor(mode: 'note' | 'keep') {
    this.kept = mode === 'keep';
  }

  /** Whether anything was filled in since this was last asked. */
  takeNote(): boolean {
    const { noted } = this;
    this.noted = false;
    return noted;
  }

  /** Fills in an annotation of the pod. */
  annotate(key: string, value: string): void {
    this.noted = true;
    if (this.kept) this.annotations = withMember(this.annotations, key, value);
  }

  /** Fills in a member of `spec.securityContext`. */
  setPodContext(member: string, value: JsonValue): void {
    this.noted = true;
    if (this.kept) this.podContext = withMember(this.podContext, member, value);
  }

  /** Fills in a member of `spec`. */
  setSpec(member: string, value: JsonValue): void {
    this.noted = true;
    if (this.kept) this.spec = withMember(this.spec, member, value);
  }

  /** Fills in a member of a container's securityContext; a value that is costly to make is given as a function. */
  setContext(container: ContainerView, member: string, value: JsonValue | (() => JsonValue)): void {
    this.noted = true;
    if (!this.kept) return;
    const own = this.contexts[container.position];
    const made = typeof value === 'function' ? value() : value;
    const members = withMember(own === undefined ? null : own.members, member, made);
    if (own === undefined) this.contexts[container.position] = { container, members };
  }
}

/** The members with one more, which is written to them. */
function withMember(members: Members | null, member: string, value: JsonValue): Members {
  const all = members ?? {};
  all[member] = value;
  return all;
}
