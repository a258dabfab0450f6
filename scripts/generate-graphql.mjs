/**
 * Writes src/generated/graphql/types.ts: what schema.graphql means in TypeScript, the resolvers' types included.
 * Run by `npm run generate`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';

const schemaFile = fileURLToPath(new URL('../schema.graphql', import.meta.url));
const outputFile = fileURLToPath(new URL('../src/generated/graphql/types.ts', import.meta.url));

/** GraphQL types whose resolvers get one of our own records, or a value of this transport, as their parent. */
const mappers = {
  AdmissionSettings: '../../model/admission.js#AdmissionSettings as AdmissionSettingsRecord',
  Assignment: '../../model/assignment.js#Assignment as AssignmentRecord',
  Candidate: '../../model/decision.js#DecisionCandidate',
  Change: '../../model/change.js#Change as ChangeRecord',
  Cluster: '../../model/cluster.js#Cluster as ClusterRecord',
  Decision: '../../model/decision.js#Decision as DecisionRecord',
  DecisionStats: '../../model/decision-stats.js#DecisionStats as DecisionStatsRecord',
  EvaluatedObject: '../../model/decision.js#DecisionObject',
  Evaluation: '../../model/evaluation.js#EvaluationReport',
  EvaluationResult: '../../model/evaluation.js#EvaluationResult as EvaluationResultRecord',
  PodSpec: '../../model/pod-spec.js#PodSpec as PodSpecRecord',
  PodSpecRevision: '../../model/pod-spec.js#PodSpecRevision as PodSpecRevisionRecord',
  LogProblem: '../../model/verify-log.js#LogProblem as LogProblemRecord',
  LogVerification: '../../model/verify-log.js#LogVerification as LogVerificationRecord',
  Policy: '../../model/policy.js#Policy as PolicyRecord',
  PolicyDiff: '../../operations/policies/diff-policy-versions.js#PolicyVersionsDiff',
  PolicySet: '../../operations/clusters/get-policy-set.js#PolicySetAt',
  PolicySetMember: '../../model/policy-set.js#PolicySetMember as PolicySetMemberRecord',
  PolicyVersion: '../../model/policy.js#PolicyVersion as PolicyVersionRecord',
  Requester: '../../model/assignment.js#Requester as RequesterRecord',
  Subject: '../../model/assignment.js#Subject as SubjectRecord',
  Token: '../../model/token.js#Token as TokenRecord',
  Viewer: '../../model/principal.js#Principal',
};

const config = {
  contextType: '../../graphql/context.js#GraphqlContext',
  mappers,
  enumsAsTypes: true,
  immutableTypes: true,
  useTypeImports: true,
  emitLegacyCommonJSImports: false,
  importExtension: '.js',
  optionalResolveType: true,
  scalars: {
    DateTime: 'Date',
    ID: 'string',
    JSON: { input: '../../kubernetes/json-value.js#JsonValue', output: 'unknown' },
  },
  strictScalars: true,
};

const content = await codegen({
  filename: outputFile,
  schema: parse(readFileSync(schemaFile, 'utf8')),
  documents: [],
  config,
  plugins: [{ typescript: {} }, { 'typescript-resolvers': {} }],
  pluginMap: { typescript, 'typescript-resolvers': typescriptResolvers },
});

mkdirSync(new URL('.', `file://${outputFile}`), { recursive: true });
writeFileSync(outputFile, content);
