import { beforeAll, describe, expect, it } from 'vitest';
import { filterParameters } from '../../src/rest/decision-filter.js';
import { FILTERED, givenFilteredDecisions } from '../support/filtered-decisions.js';
import { contextOf } from '../support/operation-context.js';
import { testApp } from './app.js';

const { admin, services } = await testApp();
beforeAll(() => givenFilteredDecisions(contextOf(services)));

describe('the filter of decisions', () => {
  it('is tried with each of its parameters', () => {
    const tried = new Set(FILTERED.flatMap(([filter]) => Object.keys(filter)));
    expect([...tried].sort()).toEqual(Object.keys(filterParameters).sort());
  });

  it.each(FILTERED)('%j lets through %j', async (filter, names) => {
    const given = Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]);
    const query = new URLSearchParams([['order', 'oldest'], ...given]).toString();
    const { body } = await admin.get(`/v1/clusters/filtered/decisions?${query}`);
    expect(body.decisions?.map(({ object }: { object: { name: string } }) => object.name)).toEqual(names);
    const exported = await admin.get(`/v1/clusters/filtered/decisions/export?${query}`).buffer(true);
    const lines = exported.text.split('\n').filter(Boolean);
    expect(lines.map((line) => JSON.parse(line).object.name)).toEqual(names);
  });
});
