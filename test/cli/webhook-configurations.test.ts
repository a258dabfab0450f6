import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeCertificate } from '../../src/cli/certificate/make-certificate.js';
import {
  labelRequirements,
  webhookConfigurations,
  type WebhookInstallation,
} from '../../src/cli/webhook-configurations.js';

const installation: WebhookInstallation = {
  cluster: 'prod',
  url: 'https://podgate.example:8443',
  secret: null,
  authority: null,
  failurePolicy: 'Fail',
  timeoutSeconds: 10,
  excludedNamespaces: ['kube-system', 'podgate'],
  namespaceRequirements: [],
  kubernetesMinor: 30,
};

/** The one webhook of each configuration. */
function webhooksOf(changes: Partial<WebhookInstallation> = {}) {
  // Each configuration has a list with one webhook.
  return webhookConfigurations({ ...installation, ...changes }).map(
    ({ webhooks }) => (webhooks as readonly Record<string, unknown>[])[0],
  );
}

describe('the webhook configurations', () => {
  test('ask about pods at creation to change them, and about everything else to check it', () => {
    expect(webhooksOf()).toMatchObject([
      {
        clientConfig: { url: 'https://podgate.example:8443/admission/prod/mutate' },
        rules: [{ operations: ['CREATE'], resources: ['pods'] }],
        reinvocationPolicy: 'IfNeeded',
        matchPolicy: 'Equivalent',
        failurePolicy: 'Fail',
        sideEffects: 'NoneOnDryRun',
      },
      { clientConfig: { url: 'https://podgate.example:8443/admission/prod/validate' } },
    ]);
  });

  test('bear the secret in the path and the authority', () => {
    const [mutating] = webhooksOf({ secret: 'podgate_x', authority: 'PEM' });
    expect(mutating?.['clientConfig']).toEqual({
      url: 'https://podgate.example:8443/admission/prod/~podgate_x/mutate',
      caBundle: 'UEVN',
    });
  });

  test.each<[string, Partial<WebhookInstallation>, object]>([
    [
      'a Service by its name, which API servers resolve themselves',
      { url: 'https://podgate.security.svc:8443' },
      { service: { name: 'podgate', namespace: 'security', port: 8443, path: '/admission/prod/mutate' } },
    ],
    [
      'a Service on the port of TLS',
      { url: 'https://podgate.security.svc' },
      { service: { name: 'podgate', namespace: 'security', port: 443, path: '/admission/prod/mutate' } },
    ],
    [
      'a URL where a secret is in the path, which no path of a Service may hold',
      { url: 'https://podgate.security.svc:8443', secret: 's_X' },
      { url: 'https://podgate.security.svc:8443/admission/prod/~s_X/mutate' },
    ],
    [
      'a URL below a path',
      { url: 'https://podgate.security.svc/gate' },
      { url: 'https://podgate.security.svc/gate/admission/prod/mutate' },
    ],
  ])('name %s', (_, changes, expected) => {
    expect(webhooksOf(changes)[0]?.['clientConfig']).toEqual(expected);
  });

  test.each([
    [20, false, false],
    [21, true, false],
    [28, true, true],
  ])('say to Kubernetes 1.%i what it understands', (kubernetesMinor, selects, hasConditions) => {
    for (const webhook of webhooksOf({ kubernetesMinor })) {
      expect(webhook !== undefined && 'namespaceSelector' in webhook).toBe(selects);
      expect(webhook !== undefined && 'matchConditions' in webhook).toBe(hasConditions);
    }
  });
});

test.each([
  ['team=a', [{ key: 'team', operator: 'In', values: ['a'] }]],
  [
    '!legacy,stage!=test,owned',
    [
      { key: 'legacy', operator: 'DoesNotExist' },
      { key: 'stage', operator: 'NotIn', values: ['test'] },
      { key: 'owned', operator: 'Exists' },
    ],
  ],
  ['!a=b', null],
  ['a b', null],
])('the selector %s', (selector, requirements) => {
  expect(labelRequirements(selector)).toEqual(requirements);
});

test('a certificate is signed by its authority and is good for its names and addresses alone', () => {
  const hosts = ['podgate.podgate.svc', '10.0.0.7', 'fd00::7'];
  const made = makeCertificate({ hosts, notBefore: new Date('2049-12-31T00:00:00Z'), days: 30 });
  const certificate = new X509Certificate(made.certificate);
  const authority = new X509Certificate(made.authority);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  expect([authority.ca, certificate.ca]).toEqual([true, false]);
  expect(certificate.checkHost('podgate.podgate.svc')).toBe('podgate.podgate.svc');
  expect(certificate.checkHost('other.podgate.svc')).toBeUndefined();
  expect(certificate.checkIP('10.0.0.7')).toBe('10.0.0.7');
  expect(certificate.checkIP('fd00::7')).toBe('fd00::7');
  expect(new Date(certificate.validTo).toISOString()).toBe('2050-01-30T00:00:00.000Z');
});
