import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeYaml } from '../../kubernetes/yaml-writer.js';
import type { Command, CommandContext } from '../command.js';
import { CLUSTER_OPTION, requireCluster } from '../connection.js';
import { messageOf } from '../error-message.js';
import { EXIT, UsageError } from '../exit-code.js';
import {
  installedConfigurations,
  labelRequirements,
  webhookConfigurations,
  type WebhookInstallation,
} from '../webhook-configurations.js';

/** `podgate install`. */
export const installCommand: Command = {
  name: 'install',
  summary: "Print the objects that make a cluster's API server ask Podgate",
  arguments: '--cluster NAME --url URL [OPTIONS]',
  takesOptionsOnly: true,
  description: [
    'Prints a MutatingWebhookConfiguration and a ValidatingWebhookConfiguration for kubectl apply -f -.\nNothing is sent anywhere. `podgate uninstall` is the way back.',
  ],
  options: {
    ...CLUSTER_OPTION,
    url: { value: 'URL', help: "The webhook's address as the API server reaches it, https://HOST:PORT" },
    'ca-file': { value: 'FILE', help: "The authority of the webhook's certificate, in PEM" },
    'secret-file': {
      value: 'FILE',
      help: 'A webhook secret of the cluster, as podgate webhook-secret create prints it',
    },
    'namespace-selector': {
      value: 'SELECTOR',
      help: 'Only namespaces with such labels: team=a,!legacy,stage!=test',
    },
    'exclude-namespace': {
      value: 'NAME',
      multiple: true,
      help: 'Namespaces that are never asked about (default: kube-system, podgate)',
    },
    'failure-policy': {
      value: 'POLICY',
      choices: ['Fail', 'Ignore'],
      help: 'What the API server does where Podgate does not answer (default: Fail)',
    },
    timeout: { value: 'SECONDS', help: 'How long the API server waits, 1 to 30 (default: 10)' },
    'kubernetes-version': { value: 'VERSION', help: "The cluster's, such as 1.24 (default: a current one)" },
  },
  examples: [
    {
      call: 'podgate install --cluster prod --url https://podgate.podgate.svc:8443 --ca-file ca.crt --secret-file secret | kubectl apply -f -',
      meaning: 'From now on the policies of prod decide',
    },
  ],
  async run(context) {
    const objects = webhookConfigurations(await installationOf(context));
    context.terminal.write(objects.map((object) => `---\n${writeYaml(object)}`).join(''));
    return EXIT.ok;
  },
};

/** `podgate uninstall`. */
export const uninstallCommand: Command = {
  name: 'uninstall',
  summary: 'Print the objects to delete so that an API server no longer asks Podgate',
  arguments: '',
  takesOptionsOnly: true,
  description: [
    'For kubectl delete --ignore-not-found -f -. No webhook can stop that: API servers ask none about webhook\nconfigurations. It works without Podgate and takes effect within seconds.',
  ],
  options: {},
  examples: [
    {
      call: 'podgate uninstall | kubectl delete --ignore-not-found -f -',
      meaning: 'The way out of a cluster that is stuck',
    },
  ],
  run({ terminal }) {
    terminal.write(
      installedConfigurations()
        .map((object) => `---\n${writeYaml(object)}`)
        .join(''),
    );
    return Promise.resolve(EXIT.ok);
  },
};

/** A Service in a cluster. */
const SERVICE = /^[-a-z0-9]+\.[-a-z0-9]+\.svc$/;

async function installationOf(context: CommandContext): Promise<WebhookInstallation> {
  const { settings } = context;
  const cluster = requireCluster(context);
  const url = settings.text('url') ?? '';
  if (!URL.canParse(url) || !/^https:\/\/[^?#@]+$/.test(url)) {
    throw new UsageError("--url must be the webhook's address such as https://podgate.example.com:8443");
  }
  const failurePolicy = settings.text('failure-policy') ?? 'Fail';
  if (failurePolicy !== 'Fail' && failurePolicy !== 'Ignore') {
    throw new UsageError('--failure-policy must be Fail or Ignore');
  }
  const timeoutSeconds = Number(settings.text('timeout') ?? '10');
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > 30) {
    throw new UsageError('--timeout must be a whole number of seconds from 1 to 30');
  }
  const selector = settings.text('namespace-selector');
  const namespaceRequirements = selector === undefined ? [] : labelRequirements(selector);
  if (namespaceRequirements === null) {
    throw new UsageError(`--namespace-selector can not be read: ${JSON.stringify(selector)}`);
  }
  const version = /^v?1\.(\d+)/.exec(settings.text('kubernetes-version') ?? '1.30');
  if (version === null) throw new UsageError('--kubernetes-version must be a version such as 1.24');
  const excluded = settings.texts('exclude-namespace');
  const secret = await textOf(context, 'secret-file');
  if (secret !== null && SERVICE.test(new URL(url).hostname)) {
    context.terminal.note(
      "API servers take no secret in the path of a Service, and look its name up outside of the cluster: they must be able to resolve it, else give --url with the Service's cluster IP",
    );
  }
  return {
    cluster,
    url: url.replace(/\/+$/, ''),
    secret,
    authority: await textOf(context, 'ca-file'),
    failurePolicy,
    timeoutSeconds,
    excludedNamespaces: excluded.length === 0 ? ['kube-system', 'podgate'] : excluded,
    namespaceRequirements,
    kubernetesMinor: Number(version[1]),
  };
}

async function textOf({ settings, directory }: CommandContext, option: string): Promise<string | null> {
  const file = settings.text(option);
  if (file === undefined) return null;
  try {
    const text = await readFile(resolve(directory, file), 'utf8');
    return option === 'secret-file' ? text.trim() : text;
  } catch (error) {
    throw new UsageError(`--${option} can not be read: ${messageOf(error)}`);
  }
}
