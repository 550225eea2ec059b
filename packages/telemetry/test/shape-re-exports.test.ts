import { test } from 'tap';
import { printed, startTraced } from './child-process.ts';

const SCRIPT = `
import { createRequire } from 'node:module';

for (let i = 0; i < 10; i++) withSpan('work', {}, () => {});
const modules = Object.entries(createRequire(import.meta.url).cache);
for (const name of ['api', 'core']) {
  const found = modules.filter(([file]) => file.endsWith('@opentelemetry/' + name + '/build/src/index.js'));
  console.log(name, found.length > 0 && found.every(([, { exports }]) => %HasFastProperties(exports)));
}
console.log('done');
`;

test('the SDK reads what OpenTelemetry packages re-export as properties, not from a hash table', async (t) => {
  const child = startTraced(SCRIPT, { OTEL_TRACES_EXPORTER: 'none' }, ['--allow-natives-syntax']);
  t.teardown(() => child.stop());
  await printed(child, 'done');
  for (const name of ['api', 'core']) t.match(child.output(), `${name} true\n`);
});
