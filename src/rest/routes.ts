import type { Router } from 'express';
import type { Metrics } from '../observability/metrics.js';
import { assignmentRoutes } from './assignments.js';
import { clusterRoutes } from './clusters.js';
import { decisionStatsRoutes } from './decision-stats.js';
import { decisionRoutes } from './decisions.js';
import { evaluateRoutes } from './evaluate.js';
import { exportRoutes } from './export-decisions.js';
import { logVerificationRoutes } from './log-verification.js';
import { metricsRoutes } from './metrics.js';
import { mountRoutes, type Serving } from './mount.js';
import { type OpenApiDocument, openApiDocument } from './openapi/document.js';
import { podSpecRoutes } from './pod-specs.js';
import { policyRoutes } from './policies.js';
import { policyDiffRoutes } from './policy-diff.js';
import { policySetRoutes } from './policy-set.js';
import { policyVersionRoutes } from './policy-versions.js';
import { restoreRoutes } from './restore.js';
import type { Route } from './route.js';
import { tokenRoutes } from './tokens.js';
import { webhookSecretRoutes } from './webhook-secrets.js';

/** What the REST API is made with. */
export interface RestParts extends Serving {
  readonly metrics: Metrics;
}

/** Every route that needs a token: what is not in this list does not exist. */
export function restRoutes(metrics: Metrics): readonly Route[] {
  return [
    ...clusterRoutes,
    ...policySetRoutes,
    ...policyRoutes,
    ...policyVersionRoutes,
    ...policyDiffRoutes,
    ...restoreRoutes,
    ...assignmentRoutes,
    ...podSpecRoutes,
    ...evaluateRoutes,
    ...decisionRoutes,
    ...decisionStatsRoutes,
    ...exportRoutes,
    ...logVerificationRoutes,
    ...tokenRoutes,
    ...webhookSecretRoutes,
    ...metricsRoutes(metrics),
  ];
}

/** The REST API: what serves it to authenticated requests, and what describes it. */
export interface RestApi {
  readonly router: Router;
  readonly document: OpenApiDocument;
}

/** Express goes through the routes one by one: those that are asked all the time come first. */
const byUse = (a: Route, b: Route) => Number(evaluateRoutes.includes(b)) - Number(evaluateRoutes.includes(a));

/** Makes the REST API. */
export function createRest({ metrics, ...serving }: RestParts): RestApi {
  const routes = restRoutes(metrics);
  return { router: mountRoutes(routes.toSorted(byUse), serving), document: openApiDocument(routes) };
}
