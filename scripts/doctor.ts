// `node tandem doctor`: looks for what keeps traces from arriving, and says of each finding what to do. Ends with 1 when
// there is a problem.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding, FindingLevel } from '@tandem/telemetry/doctor';
import { examine } from './lib/doctor/examine.ts';
import { printFinding } from './lib/doctor/print-finding.ts';
import { callOf } from './lib/root.ts';

const USAGE = `Usage: ${callOf('doctor')} [--json]

Looks at Node, ports, .env, settings, copies of OpenTelemetry, the key, endpoints and clock, and sends one trace through
both services when they run. Ends with 1 when there is a problem. Prints no key.`;

const { json } = readArguments();
const findings: Finding[] = [];
for await (const finding of examine(resolve('.env'))) {
  findings.push(finding);
  if (!json) process.stdout.write(printFinding(finding));
}
const problems = count('problem');
if (json) process.stdout.write(`${JSON.stringify({ ok: problems === 0, findings }, null, 2)}\n`);
else process.stdout.write(`\n${plural(problems, 'problem')}, ${plural(count('warning'), 'warning')}.\n`);
process.exitCode = problems === 0 ? 0 : 1;

function readArguments(): { json: boolean } {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return { json: values.json === true };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}

function count(level: FindingLevel): number {
  return findings.filter((finding) => finding.level === level).length;
}

function plural(number: number, word: string): string {
  return `${number === 0 ? 'No' : number} ${word}${number === 1 ? '' : 's'}`;
}
