import { describe, expect, it } from 'vitest';
import { pod, policy, testApp } from './app.js';

const { admin } = await testApp({ bodyLimit: 3 * 1024 * 1024 });

const ALLOWED_SECCOMP = 'seccomp.security.alpha.kubernetes.io/allowedProfileNames';
const ALLOWED_APPARMOR = 'apparmor.security.beta.kubernetes.io/allowedProfileNames';

function annotated(name: string, annotations: object) {
  const { metadata, ...rest } = policy(name);
  return { ...rest, metadata: { ...metadata, annotations } };
}

/** Of each of them a hundred thousand names are wrong. */
const WRONG = [ALLOWED_SECCOMP, ALLOWED_APPARMOR].map((key) => ({ [key]: 'a,'.repeat(100_000) }));

describe('of very many problems a thousand are told', () => {
  it.each(WRONG)('of policies that are given for an evaluation: %#', async (annotations) => {
    const policies = Array.from({ length: 10 }, (_, index) => annotated(`p${index}`, annotations));
    const { status, body, text } = await admin.post('/v1/evaluate').send({ policies, objects: [pod('a')] });
    expect(status).toBe(422);
    expect(body.errors).toHaveLength(1_000);
    expect(body.errors[0].pointer).toMatch(/^\/policies\/0\/metadata\/annotations\//);
    expect(text.length).toBeLessThan(500_000);
  });

  it('of policies and objects together', async () => {
    const policies = Array.from({ length: 10 }, (_, index) =>
      policy(`p${index}`, { volumes: Array(200).fill('no') }),
    );
    const objects = Array.from({ length: 2_000 }, () => pod('a', { hostPID: 1 }));
    const { status, body } = await admin.post('/v1/evaluate').send({ policies, objects });
    expect(status).toBe(422);
    expect(body.errors).toHaveLength(1_000);
  });

  it.each(WRONG)('of a policy that is saved: %#', async (annotations) => {
    const { status, body, text } = await admin.put('/v1/policies/many').send(annotated('many', annotations));
    expect(status).toBe(422);
    expect(body.errors).toHaveLength(1_000);
    expect(text.length).toBeLessThan(500_000);
  });

  it.each(WRONG)('of a policy that is saved with GraphQL: %#', async (annotations) => {
    const query = `mutation ($input: SavePolicyInput!) { savePolicy(input: $input) { userErrors { message } } }`;
    const input = { manifest: JSON.stringify(annotated('many', annotations)) };
    const { body } = await admin.post('/graphql').send({ query, variables: { input } });
    expect(body.data.savePolicy.userErrors).toHaveLength(1_000);
  });
});
