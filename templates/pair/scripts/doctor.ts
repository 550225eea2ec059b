// `npm run doctor`: says why there are no traces, with the variables that `npm run dev` gives to the services. It asks those that run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readServices } from './services.ts';

const { env } = process;
const dotEnv = join(ROOT, '.env');
if (existsSync(dotEnv)) process.loadEnvFile(dotEnv);
const services = readServices();
const urls = services.map(({ urlVariable, port }) => env[urlVariable] || `http://localhost:${port}`);
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', '@tandem', 'telemetry', 'doctor-command.cjs'),
    ...(existsSync(dotEnv) ? ['--env', dotEnv] : []), // what is wrong in the file itself
    ...urls.flatMap((url) => ['--service', url]),
    ...process.argv.slice(2),
  ],
  {
    stdio: 'inherit',
    env: {
      ...env,
      OTEL_SERVICE_NAME: services[0]?.name,
      OTEL_EXPORTER_OTLP_ENDPOINT:
        env.OTEL_EXPORTER_OTLP_ENDPOINT || `http://localhost:${env.OTLP_PORT || '4318'}`,
    },
  },
);
process.exitCode = status ?? 1;
