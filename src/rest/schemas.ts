import { z } from 'zod';
import type { JsonObject } from '../kubernetes/json-value.js';
import { answers, documentedAs, requests } from './documentation.js';

/** An instant in an answer: RFC 3339 in UTC with milliseconds. */
export const instantAnswer = z.string();
documentedAs.add(instantAnswer, { type: 'string', format: 'date-time', example: '2026-03-01T12:00:00.000Z' });

/** A UUID in an answer. */
export const idAnswer = z.string();
documentedAs.add(idAnswer, {
  type: 'string',
  format: 'uuid',
  example: '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c11',
});

/** A digest in an answer. */
export const digestAnswer = z.string();
documentedAs.add(digestAnswer, { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' });

/** The largest number that a version can have: that of a column of type `integer`. */
export const LARGEST_VERSION = 2_147_483_647;

/** The number of a version in a request. */
export const versionNumber = z.int().min(1).max(LARGEST_VERSION);

/** Who may use a policy, in the words of RBAC. The rules on names and namespaces are the operation's. */
export const subject = z
  .strictObject({
    kind: z.enum(['User', 'Group', 'ServiceAccount']),
    name: z.string(),
    namespace: z.string().exactOptional().describe('Of a ServiceAccount only.'),
  })
  .register(answers, { id: 'Subject' });

const RBAC = 'rbac.authorization.k8s.io';

/** A subject in a request: as RBAC writes it, with the API group that it gives each kind or without. */
export const subjectInput = subject
  .extend({
    namespace: z.string().nullish().describe('Of a ServiceAccount only.'),
    apiGroup: z
      .string()
      .exactOptional()
      .describe(`As in RBAC: ${RBAC} for a User or Group, empty for a ServiceAccount; may be left out.`),
  })
  .superRefine(({ kind, apiGroup = '' }, context) => {
    if (apiGroup === '' || (apiGroup === RBAC && kind !== 'ServiceAccount')) return;
    const message =
      kind === 'ServiceAccount' ? 'must be empty for a ServiceAccount' : `must be ${RBAC} for a ${kind}`;
    context.addIssue({ code: 'custom', path: ['apiGroup'], message });
  })
  .transform(({ apiGroup: _said, namespace, ...named }) =>
    namespace === undefined || namespace === null ? named : { ...named, namespace },
  )
  .register(requests, { id: 'SubjectInput' });

/** A JSON object of another's making in an answer, such as a Kubernetes spec. */
export const jsonObject = z.custom<object>();
documentedAs.add(jsonObject, { type: 'object' });

/** A Kubernetes object in a request, handed on as it was read: no copy, every integer exact. */
export const kubernetesObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'must be an object' },
);
documentedAs.add(kubernetesObject, { type: 'object' });
