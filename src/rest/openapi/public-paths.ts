const state = (status: string) => ({
  'application/json': {
    schema: { type: 'object', required: ['status'], properties: { status: { const: status } } },
    example: { status },
  },
});

const publicRead = (operationId: string, summary: string, responses: Readonly<Record<string, unknown>>) => ({
  get: { operationId, tags: ['Operation'], summary, security: [], responses },
});

/** The paths that need no token; they have no parameters and can't go wrong but in the ways shown. */
export const PUBLIC_PATHS = {
  '/healthz': publicRead('getHealth', 'Whether the process is up', {
    200: { description: 'It is.', content: state('ok') },
  }),
  '/readyz': publicRead(
    'getReadiness',
    'Whether requests can be served: the database is reachable and migrated',
    {
      200: { description: 'They can.', content: state('ready') },
      503: {
        description: 'They can not.',
        headers: {
          'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'string' } },
        },
        content: state('unavailable'),
      },
    },
  ),
  '/openapi.json': publicRead('getOpenApi', 'This document', {
    200: {
      description: 'An OpenAPI 3.1 document.',
      content: { 'application/json': { schema: { type: 'object' } } },
    },
  }),
};
