import { createRequire } from 'node:module';
import { usePlugin } from './use-plugin.ts';

// The package manager puts `examples/by-hand` beside the peers.
const require = createRequire(import.meta.url);
const { startTracing } = require('by-hand/tracing.js');
usePlugin(startTracing(process.env.OTEL_SERVICE_NAME));
