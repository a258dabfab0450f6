import type { InputProblem } from './input-problem.js';
import { isObject, type JsonValue, member } from './json-value.js';
import { POD_FIELDS } from './pod-fields.js';
import { type Decoded, TypedDecoder } from './typed-decoder.js';

/** How a pod is decoded. */
export interface DecodePodOptions {
  /** Whether missing required fields are errors. */
  readonly required: boolean;
  /** JSON Pointer of the pod in the submitted object, put before each pointer. */
  readonly podPointer?: string;
  /** Field path of the pod in the submitted object, put before each field. */
  readonly podPath?: string;
}

const decoder = new TypedDecoder(POD_FIELDS);

/**
 * Checks the types of a pod, or of a template's `{metadata, spec}`, as the API server's decoder does: `runAsUser:
 * "1000"` is an error, not "no value". With `required`, the fields that Kubernetes' OpenAPI document calls required
 * must be there, and at least one container, also where there is no spec to look for it in.
 */
export function decodePod(pod: JsonValue, options: DecodePodOptions): Decoded {
  const { required, podPointer = '', podPath = '' } = options;
  const { errors, warnings } = decoder.decode('Pod', pod, { required, pointer: podPointer, path: podPath });
  const lacksSpec = required && isObject(pod) && (member(pod, 'spec') ?? null) === null;
  return { errors: lacksSpec ? [...errors, noContainers(podPointer, podPath)] : errors, warnings };
}

/** What the API server says to a pod without a spec. */
function noContainers(podPointer: string, podPath: string): InputProblem {
  return {
    message: 'Required value',
    pointer: `${podPointer}/spec/containers`,
    type: 'Required',
    field: podPath === '' ? 'spec.containers' : `${podPath}.spec.containers`,
  };
}
