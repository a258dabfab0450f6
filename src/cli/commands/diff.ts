import { exactJson } from '../../model/exact-json.js';
import { diffPolicies } from '../../model/policy-diff/diff-policies.js';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit-code.js';
import { diffLines, diffMeaning, manifestOf } from '../policy-changes.js';
import { readPolicyFiles } from '../policy-files.js';

/** `podgate diff`. */
export const diffCommand: Command = {
  name: 'diff',
  summary: 'What a change of a policy means: which pods does it let in or keep out',
  arguments: 'BEFORE AFTER [OPTIONS]',
  description: [
    'BEFORE and AFTER are files with one PodSecurityPolicy each. They are compared by the pods that they admit, not by\ntheir text: reordered lists or ranges that are merged are no difference.',
  ],
  options: {
    json: { help: 'The difference as JSON, with a pod that shows each change' },
    'exit-code': { help: 'End with code 1 where the two do not admit the same pods' },
  },
  examples: [
    { call: 'podgate diff old.yaml new.yaml', meaning: 'Two files' },
    {
      call: 'git show main:policies/restricted.yaml | podgate diff - policies/restricted.yaml --exit-code',
      meaning: 'A pull request against its base',
    },
  ],
  async run({ positionals, settings, terminal, directory, readInput }) {
    const [before, after, ...others] = positionals;
    if (before === undefined || after === undefined || others.length > 0) {
      throw new UsageError('give two files: the policy BEFORE and AFTER');
    }
    const read = async (path: string) => {
      const [policy, second] = await readPolicyFiles([path], directory, readInput);
      if (policy === undefined || second !== undefined) throw new UsageError(`${path} must hold one policy`);
      return manifestOf(policy);
    };
    const diff = diffPolicies(await read(before), await read(after));
    if (settings.flag('json')) {
      terminal.line(exactJson(diff));
    } else {
      terminal.line(diffMeaning(diff));
      for (const line of diffLines(diff, terminal.colours)) terminal.painted(line);
    }
    return settings.flag('exit-code') && diff.verdict !== 'EQUIVALENT' ? EXIT.denied : EXIT.ok;
  },
};
