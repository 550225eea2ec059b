import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT, startNode } from '../helpers/processes.ts';

/** The settings of telemetry when a process starts in a service's folder. */
async function settingsOf(name: string, env: Readonly<Record<string, string>> = {}) {
  const script = `
    const { telemetry } = await import('@tandem/service-kit/register');
    const { service, dataDirectory, baggageAttributes, destinations } = telemetry.settings;
    const places = destinations.map(({ name }) => name);
    console.log(JSON.stringify({ service, dataDirectory, baggageAttributes, places }));
  `;
  const child = startNode(
    join('services', name),
    ['--import', '@tandem/service-kit/register', '--input-type=module', '--eval', script],
    { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', ...env },
  );
  t.equal(await child.exited, 0, child.output());
  const line = child
    .output()
    .split('\n')
    .find((each) => each.startsWith('{"service":'));
  return JSON.parse(line ?? '{}');
}

t.test(
  'a service that is started alone has what the pair asks for, and the data folder of the root',
  async (t) => {
    for (const name of ['activities-api', 'user-lookup']) {
      t.match(await settingsOf(name), {
        service: { name },
        dataDirectory: join(ROOT, '.data'),
        baggageAttributes: ['user.id', 'tandem.scenario'],
      });
      const { scripts } = JSON.parse(readFileSync(join(ROOT, 'services', name, 'package.json'), 'utf8'));
      t.match(scripts.start, `OTEL_SERVICE_NAME=${name} node --no-allocation-site-pretenuring `);
      t.match(scripts.start, '--import @tandem/service-kit/register ');
    }
  },
);

t.test('variables win over options of the code', async (t) => {
  const env = { DATA_DIR: 'elsewhere', TRACE_BAGGAGE_ATTRIBUTES: 'team' };
  t.match(await settingsOf('user-lookup', env), {
    dataDirectory: join(ROOT, 'elsewhere'),
    baggageAttributes: ['user.id', 'tandem.scenario', 'team'],
  });
});

t.test('with EXPLORER_FORWARD=honeycomb a service sends to the explorer alone', async (t) => {
  const env = {
    HONEYCOMB_API_KEY: 'hcaik_'.padEnd(64, 'a'),
    HONEYCOMB_API_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:7',
  };
  t.match(await settingsOf('user-lookup', env), { places: ['otlp', 'honeycomb'] });
  t.same((await settingsOf('user-lookup', { ...env, EXPLORER_FORWARD: 'honeycomb' })).places, ['otlp']);
});
