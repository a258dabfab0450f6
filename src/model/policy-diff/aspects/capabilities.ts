import type { PolicySource } from '../../../engine/index.js';
import { type Aspect, SILENT, specField } from '../aspect.js';
import { nameBeside } from './names.js';

const WELL_KNOWN = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'NET_RAW', 'CHOWN'];

/**
 * Capabilities. What a policy adds by default may also be asked for; what it requires to be dropped is dropped and
 * refuses nothing.
 */
export const capabilities: Aspect = {
  fields: [
    specField('allowedCapabilities', 'allowedCapabilities'),
    specField('defaultAddCapabilities', 'allowedCapabilities'),
    specField('requiredDropCapabilities', null),
  ],
  points(before, after) {
    const added = [...newCapabilities(before, after), ...newCapabilities(after, before)];
    const taken = new Set([...addable(before), ...addable(after)]);
    const asked = [
      ...new Set(added),
      WELL_KNOWN.find((name) => !taken.has(name)) ?? nameBeside('OTHER', taken),
    ];
    return [
      SILENT,
      ...asked.map((name) => ({ context: { capabilities: { add: [name] } } })),
      ...[before, after].map(unchanged),
    ];
  },
};

/** Of each field the first capability that the other policy doesn't name in either. */
function newCapabilities(than: PolicySource, { spec }: PolicySource): string[] {
  const known = new Set(addable(than));
  const isNew = (name: string) => !known.has(name);
  const fields = [
    (spec.allowedCapabilities ?? []).filter((name) => name !== '*'),
    spec.defaultAddCapabilities ?? [],
  ];
  return fields.map((names) => names.find(isNew)).filter((name) => name !== undefined);
}

function addable({ spec }: PolicySource): readonly string[] {
  return [...(spec.allowedCapabilities ?? []), ...(spec.defaultAddCapabilities ?? [])];
}

/** A container that has all that the policy would fill in. */
function unchanged({ spec }: PolicySource) {
  const add = spec.defaultAddCapabilities ?? [];
  const drop = spec.requiredDropCapabilities ?? [];
  return { context: { capabilities: { add, drop } } };
}
