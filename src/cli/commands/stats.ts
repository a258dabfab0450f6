import { exactJson } from '../../model/exact-json.js';
import { isList, type JsonObject, member } from '../../kubernetes/json-value.js';
import { objectAnswer, shown } from '../answers.js';
import type { Command, CommandContext } from '../command.js';
import { CLUSTER_OPTION, connect, CONNECTION_OPTIONS, requireCluster } from '../connection.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { momentOf } from '../moment.js';
import { table } from '../table.js';

/** `podgate stats`. */
export const statsCommand: Command = {
  name: 'stats',
  summary: 'How many pods were admitted and denied in a cluster, and what ENFORCE would have refused',
  arguments: '--cluster NAME [OPTIONS]',
  takesOptionsOnly: true,
  description: [
    'Counts by day or hour, then what stood most often against pods. WOULD DENY are pods that were denied and let\nthrough because the mode is WARN or AUDIT; DENIED counts them too.',
  ],
  options: {
    ...CONNECTION_OPTIONS,
    ...CLUSTER_OPTION,
    since: { value: 'TIME', help: 'Made at or after (default: a week before)' },
    until: { value: 'TIME', help: 'Made before (default: now)' },
    interval: {
      value: 'INTERVAL',
      choices: ['HOUR', 'DAY'],
      help: 'What is counted together (default: DAY)',
    },
    'would-deny-in': { value: 'NAME', help: 'What would be denied in this namespace alone' },
    json: { help: 'All of it as one JSON object' },
  },
  examples: [
    { call: 'podgate stats --cluster prod-eu --since 30d', meaning: 'The last 30 days' },
    {
      call: 'podgate stats --cluster prod-eu --would-deny-in team-a',
      meaning: 'How much would be denied if team-a went to mode ENFORCE',
    },
  ],
  run,
};

async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, terminal } = context;
  const cluster = requireCluster(context);
  const now = new Date();
  const query = {
    since: momentOf('since', settings.text('since'), now),
    until: momentOf('until', settings.text('until'), now),
    interval: settings.text('interval'),
    wouldDenyIn: settings.text('would-deny-in'),
  };
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const client = await connect(context);
  const path = `/v1/clusters/${encodeURIComponent(cluster)}/decisions/stats?${new URLSearchParams(given).toString()}`;
  const stats = objectAnswer(await client.get(path));
  if (settings.flag('json')) terminal.line(exactJson(stats));
  else for (const line of tablesOf(stats, terminal.colours)) terminal.painted(line);
  return EXIT.ok;
}

function tablesOf(stats: JsonObject, colours: boolean): readonly string[] {
  const wouldDeny = objectAnswer(member(stats, 'wouldDeny') ?? null);
  const letThrough = new Map(
    listOf(wouldDeny, 'intervals').map((each) => [shown(each, 'startsAt'), shown(each, 'denied')]),
  );
  const counts = (each: JsonObject, wouldBeDenied: string) =>
    [shown(each, 'admitted'), shown(each, 'denied'), wouldBeDenied].map((text) => ({ text }));
  const rows = listOf(stats, 'intervals').map((each) => {
    const startsAt = shown(each, 'startsAt');
    return [{ text: startsAt }, ...counts(each, letThrough.get(startsAt) ?? '')];
  });
  const total = [{ text: 'in all' }, ...counts(stats, shown(wouldDeny, 'denied'))];
  const tables = [
    table(['FROM', 'ADMITTED', 'DENIED', 'WOULD DENY'], [...rows, total], colours),
    top('DENIED BY CONTROL', listOf(stats, 'topControls'), ['control'], colours),
    top('DENIED WORKLOAD', listOf(stats, 'topDeniedWorkloads'), WORKLOAD, colours),
    top('WOULD DENY IN', listOf(wouldDeny, 'namespaces'), ['namespace'], colours),
    top('WOULD DENY BY CONTROL', listOf(wouldDeny, 'topControls'), ['control'], colours),
    top('WOULD DENY WORKLOAD', listOf(wouldDeny, 'topWorkloads'), WORKLOAD, colours),
  ];
  return tables
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index > 0 ? ['', ...lines] : lines));
}

const WORKLOAD = ['namespace', 'kind', 'name'];

/** What counts most, under a heading; nothing where there is nothing. */
function top(
  heading: string,
  items: readonly JsonObject[],
  keys: readonly string[],
  colours: boolean,
): readonly string[] {
  if (items.length === 0) return [];
  const rows = items.map((item) => [
    { text: keys.map((key) => shown(item, key)).join(' ') },
    { text: shown(item, 'denied') },
  ]);
  return table([heading, 'PODS'], rows, colours);
}

function listOf(object: JsonObject, key: string): readonly JsonObject[] {
  const list = member(object, key) ?? null;
  return isList(list) ? list.map(objectAnswer) : [];
}
