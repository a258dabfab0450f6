import { DECISION_CODES } from './evaluation-answer.js';
import { ADMISSION_MODES } from '../model/admission.js';
import { instant, oneOf, text, truth, wholeNumber } from './parameters.js';
import { LARGEST_VERSION } from './schemas.js';

/** The parameters that say which decisions are meant; those of the filter that are absent don't filter. */
export const filterParameters = {
  allowed: truth('Admitted ones or denied ones.').exactOptional(),
  code: oneOf('Those with this code.', DECISION_CODES).exactOptional(),
  policy: text('Those admitted by this policy.').exactOptional(),
  version: wholeNumber(
    'Those admitted by this version; only together with `policy`.',
    1,
    LARGEST_VERSION,
  ).exactOptional(),
  control: text('Those denied in which some candidate was violated under this control.').exactOptional(),
  namespace: text('Those about objects of this namespace.').exactOptional(),
  kind: text('Those about objects of this kind.').exactOptional(),
  name: text('Those about objects of this name.').exactOptional(),
  source: oneOf('From where the evaluation was asked.', [
    'REST',
    'GRAPHQL',
    'CLI',
    'WEBHOOK',
  ]).exactOptional(),
  phase: oneOf('Those that the mutating or the validating webhook asked for.', [
    'MUTATE',
    'VALIDATE',
  ]).exactOptional(),
  mode: oneOf('Those made for an API server while this mode was in force.', ADMISSION_MODES).exactOptional(),
  wouldDeny: truth(
    'Those denied and let through because of the mode: what ENFORCE would have refused, each creation once. False: all others.',
  ).exactOptional(),
  actor: text('Who asked for the evaluation.').exactOptional(),
  since: instant('Those at or after this moment.').exactOptional(),
  until: instant('Those before this moment.').exactOptional(),
};
