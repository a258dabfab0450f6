import { exactJson } from '../../model/exact-json.js';
import { ROLES } from '../../model/principal.js';
import { allItems, objectAnswer, shown } from '../answers.js';
import type { Command } from '../command.js';
import { connect, CONNECTION_OPTIONS } from '../connection.js';
import { EXIT, UsageError } from '../exit-code.js';
import { table } from '../table.js';

/** `podgate token create`. */
export const tokenCreateCommand: Command = {
  name: 'token create',
  summary: 'Make an access token and print it, this once',
  arguments: 'NAME --role ROLE [OPTIONS]',
  description: [
    'EVALUATOR evaluates and reads its own decisions (what a pipeline needs), VIEWER reads, EDITOR changes policies\nand assignments, ADMIN everything. Standard output holds the token and nothing else.',
  ],
  options: {
    ...CONNECTION_OPTIONS,
    role: { value: 'ROLE', choices: ROLES, help: 'What the token allows' },
    'for-cluster': {
      value: 'NAME',
      multiple: true,
      help: 'Cluster outside which nothing exists for the token (default: all)',
    },
    'expires-at': { value: 'TIME', help: 'Such as 2027-03-01T12:00:00Z (default: never)' },
  },
  examples: [
    {
      call: 'podgate token create ci-frontend --role EVALUATOR --for-cluster prod-eu > token',
      meaning: 'For a pipeline',
    },
  ],
  async run(context) {
    const { settings, terminal, positionals } = context;
    const [name, ...others] = positionals;
    const role = settings.text('role');
    if (name === undefined || others.length > 0) throw new UsageError('give one NAME for the token');
    if (role === undefined) throw new UsageError(`--role is needed: ${ROLES.join(', ')}`);
    const clusters = settings.texts('for-cluster');
    const body = {
      name,
      role,
      clusters: clusters.length === 0 ? null : clusters,
      expiresAt: settings.text('expires-at') ?? null,
    };
    const client = await connect(context);
    const token = objectAnswer(await client.postJson('/v1/tokens', body));
    terminal.line(shown(token, 'token'));
    terminal.note(`token ${name} has the id ${shown(token, 'id')}`);
    return EXIT.ok;
  },
};

/** `podgate token list`. */
export const tokenListCommand: Command = {
  name: 'token list',
  summary: 'List the access tokens, without their secrets',
  arguments: '[OPTIONS]',
  takesOptionsOnly: true,
  description: [],
  options: { ...CONNECTION_OPTIONS, json: { help: 'One JSON object a line' } },
  examples: [],
  async run(context) {
    const { settings, terminal } = context;
    const tokens = await allItems(await connect(context), '/v1/tokens', 'tokens');
    if (settings.flag('json')) for (const token of tokens) terminal.line(exactJson(token));
    else {
      const rows = tokens.map((token) =>
        ['id', 'name', 'role', 'clusters', 'expiresAt', 'lastUsedAt', 'revokedAt'].map((key) => ({
          text: shown(token, key),
        })),
      );
      const heading = ['ID', 'NAME', 'ROLE', 'CLUSTERS', 'EXPIRES', 'LAST USED', 'REVOKED'];
      for (const line of table(heading, rows, terminal.colours)) terminal.painted(line);
    }
    return EXIT.ok;
  },
};

/** `podgate token revoke`. */
export const tokenRevokeCommand: Command = {
  name: 'token revoke',
  summary: 'Revoke access tokens, at once and for good',
  arguments: 'ID... [OPTIONS]',
  description: [],
  options: { ...CONNECTION_OPTIONS },
  examples: [],
  async run(context) {
    const { positionals, terminal } = context;
    if (positionals.length === 0)
      throw new UsageError('give the ID of a token: podgate token list shows them');
    const client = await connect(context);
    for (const id of positionals) {
      await client.delete(`/v1/tokens/${encodeURIComponent(id)}`);
      terminal.note(`token ${id} is revoked`);
    }
    return EXIT.ok;
  },
};
