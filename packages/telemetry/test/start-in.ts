import { traceFetch } from '../src/client/fetch-client.ts';
import type { Telemetry } from '../src/index.ts';
import type { RegisterOptions } from '../src/start.ts';
import { startTelemetry } from '../src/start.ts';

/** Starts telemetry with this environment as the variables of the process, which the SDK reads. */
export function startIn(
  environment: Readonly<Record<string, string>>,
  options: RegisterOptions = {},
): Telemetry {
  const own = process.env;
  process.env = { PATH: own.PATH, ...environment };
  try {
    return startTelemetry({ fetch: traceFetch, ...options });
  } finally {
    process.env = own;
  }
}
