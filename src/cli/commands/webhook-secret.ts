import { exactJson } from '../../model/exact-json.js';
import { isList, member } from '../../kubernetes/json-value.js';
import { objectAnswer, shown } from '../answers.js';
import type { Command, CommandContext } from '../command.js';
import { CLUSTER_OPTION, connect, CONNECTION_OPTIONS, requireCluster } from '../connection.js';
import { EXIT, UsageError } from '../exit-code.js';
import { table } from '../table.js';

const OPTIONS = { ...CONNECTION_OPTIONS, ...CLUSTER_OPTION };

/** `podgate webhook-secret create`. */
export const webhookSecretCreateCommand: Command = {
  name: 'webhook-secret create',
  summary: "Make a secret for the path of a cluster's webhook and print it, this once",
  arguments: '--cluster NAME [OPTIONS]',
  takesOptionsOnly: true,
  description: [
    'With it the API server of that cluster may call the admission webhook. Standard output holds the secret and\nnothing else: what podgate install takes as --secret-file.',
  ],
  options: OPTIONS,
  examples: [
    {
      call: 'podgate webhook-secret create --cluster prod > secret',
      meaning: 'For podgate install --secret-file secret',
    },
  ],
  async run(context) {
    const path = pathOf(context);
    const client = await connect(context);
    const made = objectAnswer(await client.postJson(path, {}));
    context.terminal.line(shown(made, 'secret'));
    context.terminal.note(`the secret has the id ${shown(made, 'id')}`);
    return EXIT.ok;
  },
};

/** `podgate webhook-secret list`. */
export const webhookSecretListCommand: Command = {
  name: 'webhook-secret list',
  summary: "List the secrets of a cluster's webhook, without what is secret",
  arguments: '--cluster NAME [OPTIONS]',
  takesOptionsOnly: true,
  description: [],
  options: { ...OPTIONS, json: { help: 'One JSON object a line' } },
  examples: [],
  async run(context) {
    const { settings, terminal } = context;
    const path = pathOf(context);
    const answer = objectAnswer(await (await connect(context)).get(path));
    const list = member(answer, 'webhookSecrets');
    const secrets = isList(list) ? list.map(objectAnswer) : [];
    if (settings.flag('json')) for (const secret of secrets) terminal.line(exactJson(secret));
    else {
      const rows = secrets.map((secret) =>
        ['id', 'createdBy', 'createdAt', 'revokedAt'].map((key) => ({ text: shown(secret, key) })),
      );
      const heading = ['ID', 'CREATED BY', 'CREATED', 'REVOKED'];
      for (const line of table(heading, rows, terminal.colours)) terminal.painted(line);
    }
    return EXIT.ok;
  },
};

/** `podgate webhook-secret revoke`. */
export const webhookSecretRevokeCommand: Command = {
  name: 'webhook-secret revoke',
  summary: "Revoke secrets of a cluster's webhook, at once and for good",
  arguments: 'ID... --cluster NAME [OPTIONS]',
  description: [
    'To replace one, make another, apply what podgate install prints with it, and revoke the old one then.',
  ],
  options: OPTIONS,
  examples: [],
  async run(context) {
    const { positionals, terminal } = context;
    if (positionals.length === 0)
      throw new UsageError('give the ID of a secret: podgate webhook-secret list shows them');
    const path = pathOf(context);
    const client = await connect(context);
    for (const id of positionals) {
      await client.delete(`${path}/${encodeURIComponent(id)}`);
      terminal.note(`webhook secret ${id} is revoked`);
    }
    return EXIT.ok;
  },
};

function pathOf(context: CommandContext): string {
  return `/v1/clusters/${encodeURIComponent(requireCluster(context))}/webhook-secrets`;
}
