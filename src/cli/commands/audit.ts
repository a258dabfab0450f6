import { exactJson } from '../../kubernetes/canonical-json.js';
import { member } from '../../kubernetes/json-value.js';
import { objectAnswer, shown } from '../answers.js';
import type { Command } from '../command.js';
import { CLUSTER_OPTION, connect, CONNECTION_OPTIONS, requireCluster } from '../connection.js';
import { EXIT } from '../exit-code.js';

/** `podgate audit verify`. */
export const auditVerifyCommand: Command = {
  name: 'audit verify',
  summary: "Check that nothing in a cluster's log of decisions was altered or removed",
  arguments: '--cluster NAME [OPTIONS]',
  description: [
    'Every decision bears a number without gaps and a hash over itself and the one before. Exit code 1 where the chain\nis broken.',
  ],
  options: { ...CONNECTION_OPTIONS, ...CLUSTER_OPTION, json: { help: "The server's answer as JSON" } },
  examples: [{ call: 'podgate audit verify --cluster prod-eu', meaning: 'As a nightly job' }],
  async run(context) {
    const { settings, terminal } = context;
    const cluster = requireCluster(context);
    const client = await connect(context);
    const path = `/v1/clusters/${encodeURIComponent(cluster)}/decisions/verify`;
    const answer = objectAnswer(await client.get(path));
    const valid = member(answer, 'valid') === true;
    const problem = member(answer, 'firstProblem') ?? null;
    if (settings.flag('json')) terminal.line(exactJson(answer));
    else if (valid)
      terminal.line(`${shown(answer, 'checked')} decisions of ${cluster} checked: the chain is whole`);
    else terminal.line(`the log of ${cluster} is NOT whole: ${exactJson(problem)}`);
    return valid ? EXIT.ok : EXIT.denied;
  },
};
