import { createRequire } from 'node:module';
import { usePlugin } from '../variants/use-plugin.ts';

// The built package beside SDK 3: the spans are its own, the api and instrumentation-undici are those of SDK 3.
const require = createRequire(import.meta.url);
require('@tandem/telemetry/register');
usePlugin(require('@tandem/telemetry').fastifyTracing);
