#!/usr/bin/env node
import { COMMANDS } from './commands.js';
import { readStream } from './read-stream.js';
import { run } from './run.js';
import { createTerminal } from './terminal.js';

// Whoever reads the results may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), COMMANDS, {
  environment: process.env,
  terminal: createTerminal(process.stdout, process.stderr, process.env),
  directory: process.cwd(),
  readInput: () => readStream(process.stdin),
  openInput: () => process.stdin,
});
