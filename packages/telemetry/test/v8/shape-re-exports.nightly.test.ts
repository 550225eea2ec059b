import { test } from 'tap';
import { untilOutput } from '../../../../test/helpers/processes.ts';
import { startTraced } from '../child-process.ts';

const SCRIPT = `
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
await once(server, 'listening');
for (let i = 0; i < 10; i++) {
  await withSpan('work', {}, async () => (await fetch('http://127.0.0.1:' + server.address().port)).text());
}
const modules = Object.entries(createRequire(import.meta.url).cache);
for (const name of ['api', 'core']) {
  const found = modules.filter(([file]) => file.endsWith('@opentelemetry/' + name + '/build/src/index.js'));
  console.log(name, found.length > 0 && found.every(([, { exports }]) => %HasFastProperties(exports)));
}
console.log('done');
server.close();
`;

test('instrumentations read what OpenTelemetry packages re-export as properties, not from a hash table', async (t) => {
  const child = startTraced(SCRIPT, { OTEL_TRACES_EXPORTER: 'none' }, ['--allow-natives-syntax']);
  t.teardown(() => child.stop());
  await untilOutput(child, 'done');
  for (const name of ['api', 'core']) t.match(child.output(), `${name} true\n`);
});
