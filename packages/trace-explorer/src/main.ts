#!/usr/bin/env node
// The command `trace-explorer`. These settings come first, so that the modules loaded later find the
// allocator set up, and their code compiled by an earlier start.
import './process-settings.ts';
import module from 'node:module';

if (Number.parseInt(process.versions.node, 10) < 22) {
  process.stderr.write(
    `This is Node ${process.versions.node}. The trace explorer needs 22 or newer: https://nodejs.org\n`,
  );
  process.exit(1);
}
module.enableCompileCache?.(); // not on Node before 22.8
const { runCommand } = await import('./run-command.ts');
await runCommand(process.argv.slice(2));
