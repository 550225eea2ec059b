import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import type { Span } from '@opentelemetry/api';

// Makes spans in one turn of the event loop: `node one-turn.ts "in turn" 40000`.
const { trace } = createRequire(import.meta.url)('@opentelemetry/api');
const [, , shape, given] = process.argv;
const count = Number(given);
const tracer = trace.getTracer('job');

function make(index: number): Span {
  return tracer.startSpan(`step ${index % 100}`).setAttribute('index', index);
}

await setTimeout(100); // telemetry has started
const before = process.cpuUsage();
tracer.startActiveSpan('job', (job: Span) => {
  if (shape === 'all open')
    for (const span of Array.from({ length: count }, (_, index) => make(index))) span.end();
  else for (let index = 0; index < count; index++) make(index).end();
  job.end();
});
const { user, system } = process.cpuUsage(before);
const cpuMs = (user + system) / 1e3;
// `maxRSS` would be the parent's, too.
const [, peakKb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
console.log(JSON.stringify({ cpuMs, peakMb: (Number(peakKb) * 1_024) / 1e6 }));
