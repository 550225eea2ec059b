import { createRequire } from 'node:module';

// The built package, from the folder of the peers: `installTelemetry` puts it there.
createRequire(import.meta.url)('@tandem/telemetry/register');
