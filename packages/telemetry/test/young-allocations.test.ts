import { test } from 'tap';
import { printed, startTraced } from './child-process.ts';

/** Answers a request, then lets lists outlive a young collection, which is what V8 takes for a sign of a long life. */
const SCRIPT = `
import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end());
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
await (await fetch('http://127.0.0.1:' + server.address().port)).text();
const kept = [];
function makeLists() {
  for (let i = 0; i < 50_000; i++) kept[i] = [i, 1];
  return %InYoungGeneration(kept.at(-1));
}
const young = Array.from({ length: 12 }, makeLists);
console.log('young', young.every(Boolean));
process.exit(0);
`;

/** A young generation that is full soon, and no threads by which V8's decisions could differ from run to run. */
const OPTIONS = ['--allow-natives-syntax', '--max-semi-space-size=1', '--single-threaded'];

interface Case {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly young: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'lists stay young in a traced service': { young: true },
  'also when no span is sampled': { env: { OTEL_TRACES_SAMPLER: 'always_off' }, young: true },
  'V8 decides with TRACE_V8_PRETENURING=true': { env: { TRACE_V8_PRETENURING: 'true' }, young: false },
  'V8 decides when tracing is off': { env: { OTEL_SDK_DISABLED: 'true' }, young: false },
  "Node's command line decides": { nodeOptions: ['--allocation-site-pretenuring'], young: false },
};

for (const [name, { env, nodeOptions, young }] of Object.entries(CASES)) {
  test(name, async (t) => {
    const options = [...OPTIONS, ...(nodeOptions ?? [])];
    const child = startTraced(SCRIPT, { OTEL_TRACES_EXPORTER: 'none', ...env }, options);
    t.teardown(() => child.stop());
    await printed(child, 'young');
    t.match(child.output(), `young ${young}\n`);
  });
}
