import { containerPointer, type ContainerView } from './containers.js';
import type { JsonPatchOperation } from './json-patch.js';
import type { JsonValue } from './json.js';

/** Members by name, in the order in which they were filled in. */
type Members = Record<string, JsonValue>;

/** A container's securityContext that the pod lacks, as it is filled in. */
interface Added {
  readonly op: 'add';
  readonly path: string;
  readonly value: Members;
}

const contextPath = containerPointer('securityContext');

/**
 * What the defaults of controls write to: either what is filled in, or only the note that something is, which allocates
 * nothing.
 */
export class Changes {
  /** Annotations of the pod, members of its `spec` and of `spec.securityContext`; `null`: none. */
  annotations: Members | null = null;
  spec: Members | null = null;
  podContext: Members | null = null;
  /** What is filled into the containers' contexts, as RFC 6902 operations. */
  readonly contexts: JsonPatchOperation[] = [];
  /** Of the container that is filled in: the pointer to its context, whether it has one, and what is made up for it. */
  private path = '';
  private hasContext = false;
  private added: Added | null = null;
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

  /** Starts with the next container. */
  begin(container: ContainerView): void {
    const context = container.source.securityContext;
    this.path = contextPath(container);
    this.hasContext = context !== undefined && context !== null;
    this.added = null;
  }

  /**
   * Fills in a member of that container's securityContext that it lacks, or extends one that it has (`replace`); a value
   * that is costly to make is given as a function.
   */
  setContext(
    member: string,
    value: JsonValue | (() => JsonValue),
    op: JsonPatchOperation['op'] = 'add',
  ): void {
    this.noted = true;
    if (!this.kept) return;
    const filledIn = typeof value === 'function' ? value() : value;
    if (this.hasContext) {
      this.contexts.push({ op, path: `${this.path}/${member}`, value: filledIn });
    } else if (this.added === null) {
      this.added = { op: 'add', path: this.path, value: { [member]: filledIn } };
      this.contexts.push(this.added);
    } else {
      this.added.value[member] = filledIn;
    }
  }
}

/** The members with one more, which is written to them. */
function withMember(members: Members | null, member: string, value: JsonValue): Members {
  const all = members ?? {};
  all[member] = value;
  return all;
}
