/** Which webhook asked: Kubernetes calls the mutating ones first, then the validating ones. */
export type AdmissionPhase = 'MUTATE' | 'VALIDATE';

/** What a denial does to the request: refuses it, warns the user, or is only recorded. */
export type AdmissionMode = 'ENFORCE' | 'WARN' | 'AUDIT';

/** All modes, the strictest first. */
export const ADMISSION_MODES = ['ENFORCE', 'WARN', 'AUDIT'] as const satisfies readonly AdmissionMode[];

/** What becomes of a request that can't be decided: no policies are known, or the decision can't be kept. */
export type OnUnavailable = 'DENY' | 'ALLOW';

/** An exception from the cluster's mode. */
export interface NamespaceMode {
  /** A namespace's name, or a pattern in which `*` stands for any characters. */
  readonly namespace: string;
  readonly mode: AdmissionMode;
}

/** How the requests of a cluster's API server are answered. */
export interface AdmissionSettings {
  readonly mode: AdmissionMode;
  /** A namespace's own name counts before patterns, and of these the first that fits. */
  readonly namespaceModes: readonly NamespaceMode[];
  /** Fill in what a policy fills in also where the mode isn't ENFORCE. */
  readonly mutateAlways: boolean;
  readonly onUnavailable: OnUnavailable;
}

/** What a decision says about the API server's request that asked for it. */
export interface DecisionAdmission {
  readonly phase: AdmissionPhase;
  /** The mode in force: a denial in another one than ENFORCE was let through. */
  readonly mode: AdmissionMode;
  /** The database was away: the policies were the last known ones, and the decision was recorded later. */
  readonly offline: boolean;
  /**
   * Of VALIDATE: the decision with which the same pod was mutated, where that is known. Of a repeated MUTATE
   * (`reinvocationPolicy: IfNeeded`): that of the first. Whoever counts creations leaves such decisions out.
   */
  readonly mutateDecisionId: string | null;
}

/** The name of a namespace (a DNS-1123 label) in which `*` may stand for any characters. */
export const NAMESPACE_PATTERN = /^(?=.{1,63}$)[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/;

/** The mode that is in force in a namespace. */
export function modeIn(settings: AdmissionSettings, namespace: string): AdmissionMode {
  const own = settings.namespaceModes.find((exception) => exception.namespace === namespace);
  const fitting = own ?? settings.namespaceModes.find((exception) => fits(exception.namespace, namespace));
  return fitting?.mode ?? settings.mode;
}

/** Whether a name is the pattern's; each `*` takes as little as it can, so that no pattern takes long. */
function fits(pattern: string, name: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return pattern === name;
  if (!name.startsWith(start)) return false;
  let from = start.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return name.length - from >= end.length && name.endsWith(end);
}
