#!/usr/bin/env node
// The explorer by itself: `npx @tandem/trace-explorer`. What is loaded later finds the allocator set up, and its code
// compiled by an earlier start.
import '../store/allocator.ts';
import module from 'node:module';

module.enableCompileCache?.(); // not on Node before 22.8
const { runCommand } = await import('./run-command.ts');
await runCommand(process.argv.slice(2));
