import { fastifyTracing } from '../../../packages/telemetry/src/index.ts';
import '../../../packages/telemetry/src/register.ts';
import { usePlugin } from './use-plugin.ts';

usePlugin(fastifyTracing);
