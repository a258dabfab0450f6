import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import type { Resolvers } from '../generated/graphql/types.js';
import { limitItems } from './limits/limit-items.js';
import { LIMITS } from './limits/limits.js';
import { packageFile } from './package-file.js';
import { Assignment } from './resolvers/assignment.js';
import { Change } from './resolvers/change.js';
import { Cluster } from './resolvers/cluster.js';
import { Decision } from './resolvers/decision.js';
import { DecisionStats } from './resolvers/decision-stats.js';
import { Candidate, Evaluation, EvaluationResult, PolicyFix } from './resolvers/evaluation.js';
import { LogProblem, LogVerification } from './resolvers/log-verification.js';
import { Mutation } from './resolvers/mutation.js';
import { PodSpec, PodSpecRevision } from './resolvers/pod-spec.js';
import { AdmissionSettings, PolicySet, PolicySetMember } from './resolvers/policy-set.js';
import { Policy } from './resolvers/policy.js';
import { PolicyVersion } from './resolvers/policy-version.js';
import { Query } from './resolvers/query.js';
import { Subscription } from './resolvers/subscription.js';
import { dateTime } from './scalars/date-time.js';
import { json } from './scalars/json.js';

/** One entry for each type of which a field is not simply a property of the record behind it. */
const resolvers: Omit<Resolvers, 'DateTime' | 'JSON'> = {
  Query,
  Mutation,
  Subscription,
  Cluster,
  PolicySet,
  PolicySetMember,
  AdmissionSettings,
  Policy,
  PolicyVersion,
  Assignment,
  PodSpec,
  PodSpecRevision,
  Decision,
  DecisionStats,
  LogVerification,
  LogProblem,
  Evaluation,
  EvaluationResult,
  Candidate,
  PolicyFix,
  Change,
};

/** What the scalars of `schema.graphql` do; their descriptions and the specifications that they follow stand there. */
const scalars = { DateTime: dateTime, JSON: json };

/** The executable schema: `schema.graphql` at the top of the package with the resolvers of this folder, its lists limited. */
export function createSchema(): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: readFileSync(packageFile('schema.graphql'), 'utf8'),
    resolvers: { ...resolvers, ...scalars },
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
  return limitItems(schema, LIMITS.items);
}
