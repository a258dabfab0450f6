import type { LogProblemResolvers, LogVerificationResolvers } from '../../generated/graphql/types.js';

/** What verifying a log has found. */
export const LogVerification: LogVerificationResolvers = {
  checked: ({ checked }) => Number(checked),
};

/** The first thing that is wrong with a log. */
export const LogProblem: LogProblemResolvers = {
  sequence: ({ sequence }) => String(sequence),
};
