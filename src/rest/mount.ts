import { type Request, type RequestHandler, Router } from 'express';
import { otherMethods } from '../http/other-methods.js';
import { requestContext, principalOf } from '../http/request-context.js';
import type { DecisionSource } from '../model/decision.js';
import { noteRefusal } from '../operations/access/refusals.js';
import type { Services } from '../operations/context.js';
import { sendReply } from './reply.js';
import type { Route, RouteGround } from './route.js';

/** What routes are served with. */
export interface Serving extends RouteGround {
  readonly services: Services;
}

/** Makes a router of the routes. A path that is asked with another method is answered with 405 and `Allow`. */
export function mountRoutes(routes: readonly Route[], serving: Serving): Router {
  const router = Router({ caseSensitive: true });
  for (const [path, ofPath] of groupByPath(routes)) {
    const mounted = router.route(expressPath(path));
    mounted.all((request, _response, next) => {
      requestContext(request).route = path;
      next();
    });
    for (const route of ofPath) mounted[route.method](serve(route, serving));
    mounted.all(otherMethods(ofPath.map((route) => route.method)));
  }
  return router;
}

function serve(route: Route, { services, ...ground }: Serving): RequestHandler {
  return async (request, response) => {
    const { requestId } = requestContext(request);
    const context = {
      principal: principalOf(request),
      source: sourceOf(request),
      requestId,
      services,
      isGone: () => response.destroyed,
    };
    const reply = await route.serve(request, context, ground).catch((error: unknown) => {
      noteRefusal(context, error);
      throw error;
    });
    await sendReply(request, response, reply);
  };
}

/** The command line speaks REST too and says who it is; for statistics only, so it is taken on trust. */
function sourceOf(request: Request): DecisionSource {
  return request.get('User-Agent')?.startsWith('podgate-cli') ? 'CLI' : 'REST';
}

function groupByPath(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const group = groups.get(route.path);
    if (group === undefined) groups.set(route.path, [route]);
    else group.push(route);
  }
  return groups;
}

/** OpenAPI writes `{name}`, Express `:name`. */
function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
