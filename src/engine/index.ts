export { compareBytes } from './byte-order.js';
export {
  type CompiledPolicy,
  compilePolicy,
} from './compile-policy.js';
export { APPARMOR_ALLOWED_KEY, APPARMOR_DEFAULT_KEY } from './controls/apparmor.js';
export { CONTROLS } from './controls/registry.js';
export { SECCOMP_ALLOWED_KEY, SECCOMP_DEFAULT_KEY } from './controls/seccomp.js';
export { SAFE_SYSCTLS } from './controls/sysctls.js';
export { evaluate } from './evaluate.js';
export type {
  Candidate,
  Evaluation,
  DecisionCode,
  EvaluationRequest,
} from './evaluation.js';
export { formatFieldError } from './go-format.js';
export type { Int64, JsonValue } from './json.js';
export { applyPatch, type JsonPatchOperation } from './json-patch.js';
export { admittedPod, forbiddenMessage, patch } from './outcome.js';
export type {
  Container,
  Optional,
  Pod,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
  Volume,
} from './pod.js';
export { compilePolicySet, type PolicySet } from './policy-set.js';
export {
  type FeatureGates,
  type IdStrategy,
  type PodSecurityPolicySpec,
  type PolicySource,
  SERVER_GATES,
} from './policy-spec.js';
export { addServiceAccountVolume } from './service-account-volume.js';
export { ENGINE_VERSION } from './version.js';
export { type ControlName, type FieldError, TooManyViolations, type Violation } from './violation.js';
export { POLICY_VOLUME_TYPES } from './volume-type.js';
