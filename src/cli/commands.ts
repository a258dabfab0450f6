import type { Command } from './command.js';
import { auditVerifyCommand } from './commands/audit.js';
import { certificateCommand } from './commands/certificate.js';
import { clusterListCommand, clusterSaveCommand } from './commands/cluster.js';
import { completionCommand } from './commands/completion.js';
import { decisionsCommand } from './commands/decisions.js';
import { demoCommand } from './commands/demo.js';
import { diffCommand } from './commands/diff.js';
import { evaluateCommand } from './commands/evaluate.js';
import { importCommand } from './commands/import.js';
import { installCommand, uninstallCommand } from './commands/install.js';
import { policiesPullCommand } from './commands/policies-pull.js';
import { policiesPushCommand } from './commands/policies-push.js';
import { statsCommand } from './commands/stats.js';
import { tokenCreateCommand, tokenListCommand, tokenRevokeCommand } from './commands/token.js';
import {
  webhookSecretCreateCommand,
  webhookSecretListCommand,
  webhookSecretRevokeCommand,
} from './commands/webhook-secret.js';

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  evaluateCommand,
  diffCommand,
  policiesPushCommand,
  policiesPullCommand,
  importCommand,
  decisionsCommand,
  statsCommand,
  auditVerifyCommand,
  clusterListCommand,
  clusterSaveCommand,
  tokenCreateCommand,
  tokenListCommand,
  tokenRevokeCommand,
  webhookSecretCreateCommand,
  webhookSecretListCommand,
  webhookSecretRevokeCommand,
  installCommand,
  uninstallCommand,
  certificateCommand,
  demoCommand,
  completionCommand(() => COMMANDS),
];
