import { quote } from './go-format.js';
import type { FeatureGates, IdStrategy, PodSecurityPolicySpec, RuntimeClassStrategy } from './policy-spec.js';
import { type FieldError, invalid } from './violation.js';
import { utf8Length } from './byte-order.js';
import { subdomainProblems } from './subdomain.js';
import { validateOverlaps, validateSysctls } from './validate-sysctls.js';
import { NEWER_TYPES, VOLUME_TYPES } from './volume-type.js';

const USER_RULES = ['MustRunAs', 'MustRunAsNonRoot', 'RunAsAny'];
const SELINUX_RULES = ['MustRunAs', 'RunAsAny'];
const GROUP_RULES = ['MayRunAs', 'MustRunAs', 'RunAsAny'];
/** Kubernetes lists these, and only these, unsorted. */
const RUN_AS_GROUP_RULES = ['MustRunAs', 'RunAsAny', 'MayRunAs'];
const PROC_MOUNT_TYPES = ['Default', 'Unmasked'];
const SUPPORTED_VOLUMES = ['*', ...VOLUME_TYPES].sort();
const CSI_NAME_LENGTH = 63;

/** The API's validation of a policy's spec: every problem, in the order in which Kubernetes 1.20 reports them. */
export function validateSpec(spec: PodSecurityPolicySpec, gates: FeatureGates): FieldError[] {
  return [
    ...validateStrategy('spec.runAsUser', spec.runAsUser, USER_RULES),
    ...validateRunAsGroup(spec.runAsGroup),
    ...validateRule('spec.seLinux.rule', spec.seLinux?.rule ?? '', SELINUX_RULES),
    ...validateStrategy('spec.supplementalGroups', spec.supplementalGroups, GROUP_RULES),
    ...validateStrategy('spec.fsGroup', spec.fsGroup, GROUP_RULES),
    ...validateVolumes(spec.volumes ?? []),
    ...validateCapabilities(spec),
    ...validatePrivilegeEscalation(spec),
    ...(gates.procMountType ? validateProcMounts(spec.allowedProcMountTypes ?? []) : []),
    ...validateHostPaths(spec),
    ...validateDrivers(spec),
    ...validateSysctls('spec.allowedUnsafeSysctls', spec.allowedUnsafeSysctls ?? []),
    ...validateSysctls('spec.forbiddenSysctls', spec.forbiddenSysctls ?? []),
    ...validateOverlaps(spec.allowedUnsafeSysctls ?? [], spec.forbiddenSysctls ?? []),
    ...validateRuntimeClass(spec.runtimeClass),
  ];
}

function validateRule(field: string, rule: string, supported: readonly string[]): FieldError[] {
  return supported.includes(rule) ? [] : [notSupported(field, rule, supported)];
}

function notSupported(field: string, value: string, supported: readonly string[]): FieldError {
  return {
    type: 'NotSupported',
    field,
    value,
    message: `supported values: ${supported.map(quote).join(', ')}`,
  };
}

function validateStrategy(
  field: string,
  strategy: IdStrategy | null | undefined,
  rules: readonly string[],
): FieldError[] {
  return [
    ...validateRule(`${field}.rule`, strategy?.rule ?? '', rules),
    ...validateRanges(field, strategy ?? {}),
  ];
}

function validateRanges(field: string, { ranges }: IdStrategy): FieldError[] {
  return (ranges ?? []).flatMap((range, i) => {
    const problems: FieldError[] = [];
    const min = range?.min ?? 0;
    const max = range?.max ?? 0;
    const path = `${field}.ranges[${i}]`;
    if (min < 0) problems.push(invalid(`${path}.min`, min, 'min cannot be negative'));
    if (max < 0) problems.push(invalid(`${path}.max`, max, 'max cannot be negative'));
    if (min > max) problems.push(invalid(`${path}.min`, min, 'min cannot be greater than max'));
    return problems;
  });
}

/** The one strategy that may be absent, and whose ranges the API checks against its rule. */
function validateRunAsGroup(strategy: IdStrategy | null | undefined): FieldError[] {
  if (strategy === undefined || strategy === null) return [];
  const field = 'spec.runAsGroup';
  const rule = strategy.rule ?? '';
  if (!RUN_AS_GROUP_RULES.includes(rule)) return [notSupported(`${field}.rule`, rule, RUN_AS_GROUP_RULES)];
  const ranges = strategy.ranges ?? null;
  // The value is printed with the names of Go's fields; an absent list is Go's nil.
  const value = ranges?.map(({ min, max }) => ({ Min: min ?? 0, Max: max ?? 0 })) ?? null;
  const empty = ranges === null || ranges.length === 0;
  if (rule === 'RunAsAny') return empty ? [] : [invalid(`${field}.ranges`, value, 'Ranges must be empty')];
  return empty
    ? [invalid(`${field}.ranges`, value, 'must provide at least one range')]
    : validateRanges(field, strategy);
}

function validateVolumes(volumes: readonly string[]): FieldError[] {
  return volumes
    .filter((type) => !SUPPORTED_VOLUMES.includes(type) && !NEWER_TYPES.includes(type))
    .map((type) => notSupported('spec.volumes', type, SUPPORTED_VOLUMES));
}

function validateCapabilities(spec: PodSecurityPolicySpec): FieldError[] {
  const dropped = spec.requiredDropCapabilities ?? [];
  const problems: FieldError[] = [];
  if (dropped.length > 0 && spec.allowedCapabilities?.includes('*')) {
    const message = 'must be empty when all capabilities are allowed by a wildcard';
    problems.push(invalid('requiredDropCapabilities', dropped, message));
  }
  const areDropped = new Set(dropped);
  for (const field of ['defaultAddCapabilities', 'allowedCapabilities'] as const) {
    const message = `capability is listed in ${field} and requiredDropCapabilities`;
    const both = (spec[field] ?? []).filter((capability) => areDropped.has(capability));
    problems.push(...both.map((capability) => invalid(field, capability, message)));
  }
  return problems;
}

function validatePrivilegeEscalation(spec: PodSecurityPolicySpec): FieldError[] {
  if (spec.defaultAllowPrivilegeEscalation !== true || spec.allowPrivilegeEscalation !== false) return [];
  const message =
    'Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true';
  return [invalid('spec.defaultAllowPrivilegeEscalation', true, message)];
}

function validateProcMounts(types: readonly string[]): FieldError[] {
  return types.flatMap((type, i) => validateRule(`spec.allowedProcMountTypes[${i}]`, type, PROC_MOUNT_TYPES));
}

function validateHostPaths(spec: PodSecurityPolicySpec): FieldError[] {
  const problems: FieldError[] = [];
  for (const [i, allowed] of (spec.allowedHostPaths ?? []).entries()) {
    const field = `spec.allowedHostPaths[${i}]`;
    const prefix = allowed?.pathPrefix ?? '';
    if (prefix === '') {
      problems.push({ type: 'Required', field, value: '', message: 'is required' });
      break; // as Kubernetes does: what follows isn't looked at
    }
    if (prefix.split('/').includes('..')) problems.push(invalid(field, prefix, "must not contain '..'"));
  }
  return problems;
}

function validateDrivers(spec: PodSecurityPolicySpec): FieldError[] {
  const flex = (spec.allowedFlexVolumes ?? []).flatMap((allowed, i): FieldError[] => {
    if ((allowed?.driver ?? '') !== '') return [];
    const field = `spec.allowedFlexVolumes.allowedFlexVolumes[${i}].driver`;
    return [{ type: 'Required', field, value: '', message: 'must specify a driver' }];
  });
  const csi = (spec.allowedCSIDrivers ?? []).flatMap((allowed, i) =>
    validateCSIName(`spec.allowedCSIDrivers.allowedCSIDriver[${i}].name`, allowed?.name ?? ''),
  );
  return [...flex, ...csi];
}

function validateCSIName(field: string, name: string): FieldError[] {
  const problems: FieldError[] = [];
  if (name === '') problems.push({ type: 'Required', field, value: '', message: '' });
  if (utf8Length(name) > CSI_NAME_LENGTH) {
    problems.push({
      type: 'TooLong',
      field,
      value: name,
      message: `must have at most ${CSI_NAME_LENGTH} bytes`,
    });
  }
  return [...problems, ...subdomainProblems(field, name.toLowerCase(), name)];
}

function validateRuntimeClass(strategy: RuntimeClassStrategy | null | undefined): FieldError[] {
  const names = strategy?.allowedRuntimeClassNames ?? [];
  const field = 'spec.runtimeClass.allowedRuntimeClassNames';
  const problems: FieldError[] = [];
  const seen = new Set<string>();
  names.forEach((name, i) => {
    if (name !== '*') problems.push(...subdomainProblems(`${field}[${i}]`, name));
    if (seen.has(name)) {
      problems.push({ type: 'Duplicate', field: `${field}[${i}]`, value: name, message: '' });
    }
    seen.add(name);
  });
  const byDefault = strategy?.defaultRuntimeClassName ?? null;
  if (byDefault !== null) {
    problems.push(...subdomainProblems('spec.runtimeClass.defaultRuntimeClassName', byDefault));
    if (!names.includes(byDefault) && !names.includes('*')) {
      const message = `default ${quote(byDefault)} must be allowed`;
      problems.push({ type: 'Required', field, value: '', message });
    }
  }
  if (names.includes('*') && names.length > 1) {
    problems.push(invalid(field, names, "if '*' is present, must not specify other RuntimeClass names"));
  }
  return problems;
}
