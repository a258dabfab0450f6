import { exactJson } from '../../kubernetes/canonical-json.js';
import { allItems, shown } from '../answers.js';
import type { Command } from '../command.js';
import { connect, CONNECTION_OPTIONS } from '../connection.js';
import { EXIT, UsageError } from '../exit-code.js';
import { table } from '../table.js';

/** `podgate cluster list`. */
export const clusterListCommand: Command = {
  name: 'cluster list',
  summary: 'List the clusters that the server knows',
  arguments: '[OPTIONS]',
  description: [],
  options: { ...CONNECTION_OPTIONS, json: { help: 'One JSON object a line' } },
  examples: [{ call: 'podgate cluster list', meaning: 'Settings from PODGATE_SERVER and PODGATE_TOKEN' }],
  async run(context) {
    const { settings, terminal } = context;
    const clusters = await allItems(await connect(context), '/v1/clusters', 'clusters');
    if (settings.flag('json')) for (const cluster of clusters) terminal.line(exactJson(cluster));
    else {
      const rows = clusters.map((cluster) =>
        ['name', 'displayName', 'kubernetesVersion', 'createdAt'].map((key) => ({
          text: shown(cluster, key),
        })),
      );
      for (const line of table(['NAME', 'DISPLAY NAME', 'KUBERNETES', 'CREATED'], rows, terminal.colours)) {
        terminal.line(line);
      }
    }
    return EXIT.ok;
  },
};

/** `podgate cluster save`. */
export const clusterSaveCommand: Command = {
  name: 'cluster save',
  summary: 'Make a cluster known to the server, or change it',
  arguments: 'NAME [OPTIONS]',
  description: ['What is not given stays as it is.'],
  options: {
    ...CONNECTION_OPTIONS,
    'display-name': { value: 'TEXT', help: 'The name to show to people' },
    'kubernetes-version': { value: 'VERSION', help: 'Such as 1.24; information only' },
    'add-service-account-volume': {
      value: 'BOOLEAN',
      choices: ['true', 'false'],
      help: 'Evaluate as if the ServiceAccount plugin had added its token volume',
    },
  },
  examples: [
    { call: 'podgate cluster save prod-eu --display-name "Production, Europe"', meaning: 'A new cluster' },
  ],
  async run(context) {
    const { settings, terminal, positionals } = context;
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new UsageError('give one NAME of a cluster');
    const volume = settings.text('add-service-account-volume');
    const body = {
      displayName: settings.text('display-name'),
      kubernetesVersion: settings.text('kubernetes-version'),
      addServiceAccountVolume: volume === undefined ? undefined : volume === 'true',
    };
    const client = await connect(context);
    await client.put(`/v1/clusters/${encodeURIComponent(name)}`, 'application/json', JSON.stringify(body));
    terminal.note(`cluster ${name} is saved`);
    return EXIT.ok;
  },
};
