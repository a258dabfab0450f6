import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const chart = join(import.meta.dirname, '../../deploy/helm/podgate');
const read = (...path: readonly string[]) => readFileSync(join(chart, ...path), 'utf8');
const templates = readdirSync(join(chart, 'templates')).sort();

type Values = Readonly<Record<string, unknown>>;

/** A value at a path such as `.Values.image`. Throws where the values don't have it. */
function lookUp(path: string, root: Values): unknown {
  let value: unknown = root;
  for (const member of path.slice(1).split('.')) {
    if (typeof value !== 'object' || value === null || !(member in value)) throw new Error(`no ${path}`);
    value = Reflect.get(value, member);
  }
  return value;
}

/** Renders what the chart uses of Helm's language: values, `quote`, and one `if` around a file. */
function render(template: string, values: Values): string {
  const root = { Values: values, Release: { Name: 'podgate', Namespace: 'podgate' } };
  const body = template.replace(
    /^\{\{- if (\.[\w.]+) \}\}\n([\s\S]*)\{\{- end \}\}\n$/,
    (_, path: string, inner: string) => (lookUp(path, root) === true ? inner : ''),
  );
  return body.replaceAll(/\{\{ (\.[\w.]+)( \| quote)? \}\}/g, (_, path: string, quote?: string) => {
    const value = String(lookUp(path, root));
    return quote === undefined ? value : JSON.stringify(value);
  });
}

const defaults: Values = parse(read('values.yaml'));
const everything: Values = {
  ...defaults,
  certManager: { enabled: true, issuerName: 'podgate' },
  serviceMonitor: { enabled: true, tokenSecretName: 'podgate-metrics' },
};

describe('the Helm chart', () => {
  test('is a chart', () => {
    expect(parse(read('Chart.yaml'))).toMatchObject({ apiVersion: 'v2', name: 'podgate' });
    expect(templates.length).toBeGreaterThan(4);
  });

  test.each(templates)('%s renders to one object in its namespace, with nothing left over', (template) => {
    const rendered = render(read('templates', template), everything);
    expect(rendered).not.toContain('{{');
    expect(parse(rendered)).toMatchObject({
      apiVersion: expect.any(String),
      kind: expect.any(String),
      metadata: { namespace: 'podgate' },
    });
  });

  test('leaves out what is switched off', () => {
    const rendered = templates.filter((template) => render(read('templates', template), defaults) !== '');
    expect(rendered).toEqual([
      'networkpolicy.yaml',
      'poddisruptionbudget.yaml',
      'service.yaml',
      'statefulset.yaml',
    ]);
  });
});

test('the kustomization names the files that are there', () => {
  const folder = join(chart, '../../kustomize');
  const { resources } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  expect(resources).toEqual(['podgate.yaml']);
  const objects = readFileSync(join(folder, 'podgate.yaml'), 'utf8').split('---\n').filter(Boolean);
  const rendered = ['service', 'poddisruptionbudget', 'networkpolicy', 'statefulset'].map((name) =>
    parse(render(read('templates', `${name}.yaml`), defaults)),
  );
  expect(objects.map((object) => parse(object))).toEqual(rendered);
});
