import { connect } from 'node:http2';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { policyYaml } from '../support/operation-context.js';
import { ADMIN_TOKEN, admissionPod, podReview, webhookApp } from './webhook-app.js';

let app: Awaited<ReturnType<typeof webhookApp>>;
let address: URL;

beforeAll(async () => {
  app = await webhookApp();
  address = new URL(app.webhookAddress() ?? '');
  await saveCluster(app.context, { name: 'prod', mode: 'WARN' });
  await savePolicy(app.context, { name: 'closed', text: policyYaml('closed'), format: 'yaml' });
  const terms = { pinnedVersion: null, subjects: null, namespaces: null };
  await assignPolicy(app.context, { cluster: 'prod', policy: 'closed', ...terms });
});

const trust = { host: '127.0.0.1', rejectUnauthorized: false };

/** What an API server of Go offers in its handshake, and what it is told to speak. */
async function negotiated(...protocols: readonly string[]): Promise<TLSSocket['alpnProtocol']> {
  const socket = connectTls({ ...trust, port: Number(address.port), ALPNProtocols: [...protocols] });
  await once(socket, 'secureConnect');
  const { alpnProtocol } = socket;
  socket.destroy();
  return alpnProtocol;
}

describe('an API server', () => {
  test('that offers HTTP/2 is told to speak HTTP/1.1, as is one that offers nothing', async () => {
    expect(await negotiated('h2', 'http/1.1')).toBe('http/1.1');
    expect(await negotiated()).toBe(false);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('may speak %s', async (version) => {
    const only = { minVersion: version, maxVersion: version };
    const socket = connectTls({ ...trust, port: Number(address.port), ...only });
    await once(socket, 'secureConnect');
    expect(socket.getProtocol()).toBe(version);
    socket.destroy();
  });

  test.each(['TLSv1', 'TLSv1.1'] as const)(
    'that speaks nothing newer than %s is refused',
    async (version) => {
      // OpenSSL itself would offer these no longer at its usual level of security.
      const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      const socket = connectTls({ ...trust, port: Number(address.port), ...only });
      const [error] = await once(socket, 'error');
      expect(error).toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    },
  );

  test('that insists on HTTP/2 is refused in the handshake', async () => {
    const session = connect(address, trust);
    const [error] = await once(session, 'error');
    expect(String(error)).toMatch(/alert|closed|ALPN/i);
  });

  test('keeps its connection for one review after the other', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ...trust });
    const ports = new Set<number | undefined>();
    for (let review = 0; review < 3; review += 1) {
      const sent = request(new URL('/admission/prod/validate?timeout=10s', address), {
        method: 'POST',
        agent,
        headers: {
          Authorization: `Bearer ${ADMIN_TOKEN}`,
          'Content-Type': 'application/json',
          Accept: 'application/json, */*',
          'User-Agent': 'kube-apiserver-admission',
        },
      });
      sent.end(JSON.stringify(podReview(admissionPod())));
      const [response] = await once(sent, 'response');
      ports.add(sent.socket?.localPort);
      expect([response.statusCode, response.headers['content-type']]).toEqual([
        200,
        'application/json; charset=utf-8',
      ]);
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });
});

test('an answer has what the API server demands: the uid, its own version, and warnings of a size that it takes', async () => {
  const containers = Array.from({ length: 40 }, (_, index) => ({
    name: `container-${index}`,
    image: 'app',
    securityContext: { privileged: true },
  }));
  for (const apiVersion of ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']) {
    const review = { ...podReview(admissionPod({ containers, hostNetwork: true })), apiVersion };
    const { body } = await app.post('/admission/prod/mutate', review);
    const { warnings, ...response } = body.response;
    expect(body).toMatchObject({ kind: 'AdmissionReview', apiVersion });
    expect(Object.keys(body).sort()).toEqual(['apiVersion', 'kind', 'response']);
    expect(response).toMatchObject({ uid: review.request.uid, allowed: true });
    // The API server demands both or none of these.
    expect(Object.keys(response)).not.toContain('patchType');
    expect(Object.keys(response)).not.toContain('patch');
    for (const warning of warnings) expect([...warning].length).toBeLessThanOrEqual(256);
    expect(warnings.join('').length).toBeLessThanOrEqual(4096);
    expect(warnings[0]).toMatch(/^this would be refused in mode ENFORCE: pods "web" is forbidden/);
  }
});
