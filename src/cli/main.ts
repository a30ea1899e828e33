#!/usr/bin/env node
import { processTerminal } from './terminal.ts';

// gRPC reads this once, when it is loaded. What it would log, our errors tell too: once, and in one line.
const { GRPC_VERBOSITY = 'NONE' } = process.env;
Object.assign(process.env, { GRPC_VERBOSITY });
const { run } = await import('./run.ts');

// Whoever reads our output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), processTerminal);

// The channel to a process that forked this one would keep it going.
if (process.connected) process.disconnect();
