// `node tandem doctor`: looks for what keeps traces from arriving, and says of each finding what to do. Ends with 1 when
// there is a problem.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reportFindings } from '@tandem/telemetry/doctor';
import { examine } from './lib/doctor/examine.ts';
import { callOf } from './lib/root.ts';

const USAGE = `Usage: ${callOf('doctor')} [--json]

Looks at Node, ports, .env, settings, copies of OpenTelemetry, the key, endpoints and clock, and sends one trace through
both services when they run. Ends with 1 when there is a problem. Prints no key.`;

const { json } = readArguments();
process.exitCode = await reportFindings(examine(resolve('.env')), { json });

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
