// `node tandem doctor`: looks for what keeps traces from arriving, and says of each finding what to do. Ends with 1 when
// there is a problem.
import { resolve } from 'node:path';
import { reportFindings } from '@tandem/telemetry/doctor';
import { readArguments } from '../tools/arguments.ts';
import { callOf } from '../tools/root.ts';
import { examineWorkspace } from './lib/doctor/examine.ts';

const USAGE = `Usage: ${callOf('doctor')} [--json]

Looks at .env, settings, the key, endpoints and clock, and sends one trace through
both services if they run. The exit code is 1 if there is a problem. Prints no key.`;

const { values } = readArguments(USAGE, { options: { json: { type: 'boolean', default: false } } });
process.exitCode = await reportFindings(examineWorkspace(resolve('.env')), values);
