import { createRequire } from 'node:module';
import { usePlugin } from '../variants/use-plugin.ts';

// The built package beside SDK 3: its own spans, with the API and the instrumentation-undici of SDK 3.
const require = createRequire(import.meta.url);
require('@tandem/telemetry/register');
usePlugin(require('@tandem/telemetry').fastifyTracing);
