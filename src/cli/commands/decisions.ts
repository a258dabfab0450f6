import { exactJson } from '../../model/exact-json.js';
import type { JsonObject } from '../../kubernetes/json-value.js';
import type { Command, CommandContext } from '../command.js';
import { CLUSTER_OPTION, connect, CONNECTION_OPTIONS, requireCluster } from '../connection.js';
import { DECISION_HEADING, decisionLine } from '../decision-line.js';
import { decisionLogOf, type DecisionQuery } from '../decision-log.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { momentOf } from '../moment.js';
import type { Settings } from '../settings.js';

/** `podgate decisions`. */
export const decisionsCommand: Command = {
  name: 'decisions',
  summary: 'What was decided in a cluster: the log of decisions, or its end as it grows',
  arguments: '--cluster NAME [OPTIONS]',
  takesOptionsOnly: true,
  description: [
    'Newest last, as in a log file. Times are RFC 3339, or such as 90s, 15m, 2h, 7d: that long ago.',
  ],
  options: {
    ...CONNECTION_OPTIONS,
    ...CLUSTER_OPTION,
    limit: { value: 'N', help: 'How many at most, the newest (default: 20)' },
    follow: { short: 'f', help: 'Go on and show new ones as they are made' },
    denied: { help: 'Denied ones only' },
    admitted: { help: 'Admitted ones only' },
    'would-deny': {
      help: 'Denied but let through, since the mode is WARN or AUDIT: what ENFORCE would have refused',
    },
    policy: { value: 'NAME', help: 'Admitted by this policy' },
    control: { value: 'FIELD', help: 'Denied for this control, such as hostNetwork' },
    'in-namespace': { value: 'NAME', help: 'Of objects in this namespace' },
    kind: { value: 'KIND', help: 'Of objects of this kind' },
    name: { value: 'NAME', help: 'Of objects of this name' },
    source: {
      value: 'SOURCE',
      choices: ['REST', 'GRAPHQL', 'CLI', 'WEBHOOK'],
      help: 'Asked from here; WEBHOOK: by an API server',
    },
    actor: { value: 'NAME', help: 'Asked for by, such as token:ci' },
    since: { value: 'TIME', help: 'Made at or after' },
    until: { value: 'TIME', help: 'Made before' },
    json: { help: 'One JSON object a line, whole' },
  },
  examples: [
    {
      call: 'podgate decisions --cluster prod-eu --denied --since 1d',
      meaning: 'What was denied since yesterday',
    },
    {
      call: 'podgate decisions --cluster prod-eu --would-deny --in-namespace team-a --since 7d',
      meaning: 'What would be denied if team-a went to mode ENFORCE',
    },
    { call: 'podgate decisions --cluster prod-eu --follow --json | jq .reason', meaning: 'As they are made' },
  ],
  run,
};

const DEFAULT_LIMIT = '20';

async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, terminal } = context;
  const cluster = requireCluster(context);
  const limit = settings.text('limit') ?? DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,5}$/.test(limit)) throw new UsageError('--limit must be a whole number from 1 to 999999');
  const filter = filterOf(settings, new Date());
  const log = decisionLogOf(await connect(context), cluster, filter);
  const asJson = settings.flag('json');
  const newest = await log.newest(Number(limit));
  if (!asJson) terminal.line(DECISION_HEADING);
  const show = (decision: JsonObject) => {
    if (asJson) terminal.line(exactJson(decision));
    else terminal.painted(decisionLine(decision, terminal.colours));
  };
  newest.forEach(show);
  if (settings.flag('follow')) {
    for await (const decision of log.after(newest.at(-1))) show(decision);
  }
  return EXIT.ok;
}

function filterOf(settings: Settings, now: Date): DecisionQuery {
  if (settings.flag('denied') && settings.flag('admitted')) {
    throw new UsageError('give --denied or --admitted, not both');
  }
  const verdict = settings.flag('denied') ? 'false' : settings.flag('admitted') ? 'true' : undefined;
  return {
    allowed: verdict,
    wouldDeny: settings.flag('would-deny') ? 'true' : undefined,
    source: settings.text('source'),
    policy: settings.text('policy'),
    control: settings.text('control'),
    namespace: settings.text('in-namespace'),
    kind: settings.text('kind'),
    name: settings.text('name'),
    actor: settings.text('actor'),
    since: momentOf('since', settings.text('since'), now),
    until: momentOf('until', settings.text('until'), now),
  };
}
