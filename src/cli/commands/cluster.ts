import { exactJson } from '../../model/exact-json.js';
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
  takesOptionsOnly: true,
  description: [],
  options: { ...CONNECTION_OPTIONS, json: { help: 'One JSON object a line' } },
  examples: [{ call: 'podgate cluster list', meaning: 'Settings from PODGATE_SERVER and PODGATE_TOKEN' }],
  async run(context) {
    const { settings, terminal } = context;
    const clusters = await allItems(await connect(context), '/v1/clusters', 'clusters');
    if (settings.flag('json')) for (const cluster of clusters) terminal.line(exactJson(cluster));
    else {
      const rows = clusters.map((cluster) =>
        ['name', 'displayName', 'kubernetesVersion', 'mode', 'createdAt'].map((key) => ({
          text: shown(cluster, key),
        })),
      );
      for (const line of table(
        ['NAME', 'DISPLAY NAME', 'KUBERNETES', 'MODE', 'CREATED'],
        rows,
        terminal.colours,
      )) {
        terminal.painted(line);
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
    mode: {
      value: 'MODE',
      choices: ['ENFORCE', 'WARN', 'AUDIT'],
      help: 'What the webhook does with a denied pod: refuse it, warn its user, only record it',
    },
    'namespace-mode': {
      value: 'NAME=MODE',
      multiple: true,
      help: "Another mode for a namespace, or those that a pattern such as 'team-*' fits; replaces all that were set",
    },
    'mutate-always': {
      value: 'BOOLEAN',
      choices: ['true', 'false'],
      help: 'Fill in what a policy fills in also where the mode is not ENFORCE',
    },
    'on-unavailable': {
      value: 'ANSWER',
      choices: ['DENY', 'ALLOW'],
      help: 'What the webhook answers where it can neither decide nor keep a decision',
    },
    retention: { value: 'DAYS', help: "For how long decisions are kept; 'none': for ever" },
    'add-service-account-volume': {
      value: 'BOOLEAN',
      choices: ['true', 'false'],
      help: 'Evaluate as if the ServiceAccount plugin had added its token volume',
    },
  },
  examples: [
    { call: 'podgate cluster save prod-eu --display-name "Production, Europe"', meaning: 'A new cluster' },
    {
      call: 'podgate cluster save prod-eu --mode WARN --namespace-mode team-a=ENFORCE',
      meaning: 'Denied pods are let through with a warning, but in team-a',
    },
  ],
  async run(context) {
    const { settings, terminal, positionals } = context;
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new UsageError('give one NAME of a cluster');
    const modes = settings.texts('namespace-mode').map(namespaceMode);
    const body = {
      displayName: settings.text('display-name'),
      kubernetesVersion: settings.text('kubernetes-version'),
      mode: settings.text('mode'),
      namespaceModes: modes.length === 0 ? undefined : modes,
      mutateAlways: truth(settings.text('mutate-always')),
      onUnavailable: settings.text('on-unavailable'),
      retention: days(settings.text('retention')),
      addServiceAccountVolume: truth(settings.text('add-service-account-volume')),
    };
    const client = await connect(context);
    await client.putJson(`/v1/clusters/${encodeURIComponent(name)}`, body);
    terminal.note(`cluster ${name} is saved`);
    return EXIT.ok;
  },
};

/** `team-a=WARN` as the server takes it. */
function namespaceMode(text: string): { readonly namespace: string; readonly mode: string } {
  const [, namespace, mode] = /^([^=]+)=(ENFORCE|WARN|AUDIT)$/.exec(text) ?? [];
  if (namespace === undefined || mode === undefined) {
    throw new UsageError(
      '--namespace-mode must be a namespace and ENFORCE, WARN or AUDIT, such as team-a=WARN',
    );
  }
  return { namespace, mode };
}

function truth(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true';
}

function days(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError("--retention must be a number of days, or 'none'");
}
