/** What language a policy is written in. Only PodSecurityPolicy exists today; the column allows others. */
export type PolicyKind = 'PodSecurityPolicy';

/** A named policy; its content lives in versions. */
export interface Policy {
  readonly id: string;
  readonly name: string;
  readonly kind: PolicyKind;
  /** Number of the newest version, from 1. */
  readonly latestVersion: number;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
}

/** How the text of a version was submitted. */
export type SourceFormat = 'yaml' | 'json';

/** One immutable version of a policy. */
export interface PolicyVersion {
  readonly id: string;
  readonly policyId: string;
  readonly policyName: string;
  /** 1, 2, 3 … without gaps within the policy. */
  readonly number: number;
  /** `sha256:` and 64 hex digits over `content`. */
  readonly digest: string;
  /** Canonical JSON of the PodSecurityPolicy: apiVersion, kind, metadata (name, labels, annotations), spec. */
  readonly content: string;
  /** The text as it was submitted. */
  readonly source: string;
  readonly sourceFormat: SourceFormat;
  readonly message: string | null;
  readonly author: string;
  readonly createdAt: Date;
  /** The version whose content a restore brought back. */
  readonly restoredFrom: number | null;
}
