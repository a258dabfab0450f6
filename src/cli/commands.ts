import type { Command } from './command.js';
import { evaluateCommand } from './commands/evaluate.js';

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [evaluateCommand];
