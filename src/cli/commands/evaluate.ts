import { PodgateError } from '../../model/errors.js';
import {
  readRequester,
  type RequesterInput,
  type RequesterPlace,
} from '../../operations/evaluation/requester-input.js';
import type { EvaluatedRun } from '../../report/evaluated-file.js';
import { isAllowed } from '../../report/findings.js';
import { textReport } from '../../report/text.js';
import type { Command, CommandContext } from '../command.js';
import { CLUSTER_OPTION, connect, CONNECTION_OPTIONS, requireCluster } from '../connection.js';
import { type EvaluateFile, evaluateFiles } from '../evaluate-files.js';
import { offlineEvaluation } from '../evaluate-offline.js';
import { type EvaluateQuery, onlineEvaluation } from '../evaluate-online.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { findManifests } from '../manifest-paths.js';
import { parseOutputs, writeOutputs } from '../outputs.js';
import { readPolicyFiles } from '../policy-files.js';
import { FLAG, type Settings } from '../settings.js';

/** `podgate evaluate`. */
export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'Would the pods in these manifests be admitted, and why not',
  arguments: 'PATH... [OPTIONS]',
  description: [
    'PATH is a file, a folder (its *.yaml, *.yml and *.json), a pattern in quotes, or - for standard input. Pods\nand everything with a pod template are evaluated: Deployment, StatefulSet, CronJob and so on.',
    'Either a server is asked, with the policies in force in a cluster (--server, --cluster), and records the\ndecisions; or policies from files decide here, offline, by the very same engine (--policies).',
    'Exit code: 0 all admitted, 1 something is denied, 2 a file can not be read (the others are evaluated all the\nsame), 3 the server can not be reached or refused.',
  ],
  options: {
    ...CONNECTION_OPTIONS,
    ...CLUSTER_OPTION,
    policies: {
      value: 'PATH',
      multiple: true,
      help: 'Evaluate offline with the PodSecurityPolicies of files or folders',
    },
    output: {
      short: 'o',
      value: 'FORMAT[=FILE]',
      multiple: true,
      help: 'text, json, sarif, junit or github; to FILE, else to standard output (default: text)',
    },
    'fail-on': {
      value: 'WHEN',
      choices: ['denied', 'never'],
      help: 'When to end with code 1: denied (default) or never',
    },
    namespace: { short: 'n', value: 'NAME', help: 'Namespace of objects that name none (default: default)' },
    user: {
      value: 'NAME',
      help: 'The user who would create the pods; without it only service accounts count',
    },
    group: { value: 'NAME', multiple: true, help: 'Group of that user besides system:authenticated' },
    'service-account': { value: 'NAME', help: "Service account of the pods (default: each pod's own)" },
    at: { value: 'TIME', help: 'With the policies in force at that time; records nothing' },
    'dry-run': { help: 'Let the server record nothing' },
    file: { value: 'NAME', help: 'What reports call standard input' },
  },
  examples: [
    {
      call: 'podgate evaluate deploy/ --policies policies/',
      meaning: 'Offline, with policies from a folder',
    },
    {
      call: 'podgate evaluate deploy/ --server https://podgate.example.com --cluster prod-eu',
      meaning: 'With the policies in force in prod-eu; the token comes from PODGATE_TOKEN',
    },
    {
      call: 'helm template chart/ | podgate evaluate - --output sarif=podgate.sarif',
      meaning: 'What Helm renders, for GitHub code scanning',
    },
    {
      call: 'podgate evaluate . -o text -o junit=report.xml -o sarif=podgate.sarif',
      meaning: 'Several reports of one run',
    },
  ],
  run,
};

async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals, settings, terminal, directory, readInput } = context;
  if (positionals.length === 0)
    throw new UsageError('which manifests? Give files, folders, or - for standard input');
  const outputs = parseOutputs(settings.texts('output'));
  const failOn = settings.text('fail-on') ?? 'denied';
  if (failOn !== 'denied' && failOn !== 'never') throw new UsageError('--fail-on must be denied or never');
  const evaluate = await evaluation(context);
  const { files, problems } = await findManifests(positionals, directory, settings.text('file'));
  const outcome = await evaluateFiles({ files, evaluate, readInput, onProgress: terminal.progress });
  for (const file of outcome.passedOver) terminal.note(`${file}: passed over, no Kubernetes object in it`);
  const found: EvaluatedRun = { ...outcome.run, unreadable: [...problems, ...outcome.run.unreadable] };
  if (found.evaluated.length + found.unreadable.length === 0) {
    throw new UsageError('there is no Kubernetes object in any of the files');
  }
  await writeOutputs(outputs, found, terminal, directory);
  if (outputs.every(({ file }) => file !== null)) terminal.note(countLine(found));
  if (found.unreadable.length > 0) return EXIT.input;
  return failOn === 'denied' && !isAllowed(found) ? EXIT.denied : EXIT.ok;
}

/** The last line of the text: how many are admitted and denied. */
function countLine(found: EvaluatedRun): string {
  return textReport(found, { colours: false }).trimEnd().split('\n').at(-1) ?? '';
}

async function evaluation(context: CommandContext): Promise<EvaluateFile> {
  const { settings, directory, readInput } = context;
  const requester = requesterOf(settings);
  const paths = settings.texts('policies');
  const offline = settings.rank('policies');
  const online = settings.rank('server');
  if (offline === FLAG && online === FLAG) throw new UsageError('give --policies or --server, not both');
  if (paths.length > 0 && offline <= online) {
    if (settings.text('at') !== undefined) {
      throw new UsageError(
        '--at asks a server for the policies of that time: it has no meaning with --policies',
      );
    }
    return offlineEvaluation(await readPolicyFiles(paths, directory, readInput), requester);
  }
  if (settings.text('server') === undefined) {
    throw new UsageError('with which policies? Give --policies PATH, or --server URL and --cluster NAME');
  }
  const client = await connect(context);
  return onlineEvaluation(client, requireCluster(context), queryOf(settings));
}

const IN_OPTIONS: RequesterPlace = {
  names: {
    namespace: '--namespace',
    user: '--user',
    groups: '--group',
    serviceAccount: '--service-account',
  },
  before: '',
};

function requesterOf(settings: Settings): RequesterInput {
  const given = {
    namespace: settings.text('namespace') ?? 'default',
    user: settings.text('user') ?? null,
    groups: settings.texts('group'),
    serviceAccount: settings.text('service-account') ?? null,
  };
  try {
    return readRequester(given, IN_OPTIONS);
  } catch (error) {
    if (!(error instanceof PodgateError)) throw error;
    const { message, problems } = error;
    throw new UsageError(message, problems.length === 1 ? [] : problems.map((problem) => problem.message));
  }
}

function queryOf(settings: Settings): EvaluateQuery {
  const single = [
    ['namespace', settings.text('namespace')],
    ['user', settings.text('user')],
    ['serviceAccount', settings.text('service-account')],
    ['at', settings.text('at')],
    ['dryRun', settings.flag('dry-run') ? 'true' : undefined],
  ] as const;
  const groups = settings.texts('group').map((group): EvaluateQuery[number] => ['group', group]);
  return [
    ...single.flatMap(([name, value]): EvaluateQuery => (value === undefined ? [] : [[name, value]])),
    ...groups,
  ];
}
