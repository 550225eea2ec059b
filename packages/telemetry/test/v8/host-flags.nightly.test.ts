import { test } from 'tap';
import { untilOutput } from '../../../../test/helpers/processes.ts';
import { startTraced } from '../child-process.ts';

/** Answers a request, then keeps lists over a young collection, so that V8 expects them to live long. */
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

/** A young generation that is full soon. No threads, because with threads V8's decisions differ from run to run. */
const OPTIONS = ['--allow-natives-syntax', '--max-semi-space-size=1', '--single-threaded'];

interface Case {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly young: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'telemetry leaves V8 as it is: lists of a long life are allocated old': { young: false },
  'also when no span is sampled': { env: { OTEL_TRACES_SAMPLER: 'always_off' }, young: false },
  'the flag that the services start with keeps them young': {
    nodeOptions: ['--no-allocation-site-pretenuring'],
    young: true,
  },
};

for (const [name, { env, nodeOptions, young }] of Object.entries(CASES)) {
  test(name, async (t) => {
    const options = [...OPTIONS, ...(nodeOptions ?? [])];
    const child = startTraced(SCRIPT, { OTEL_TRACES_EXPORTER: 'none', ...env }, options);
    t.teardown(() => child.stop());
    await untilOutput(child, 'young');
    t.match(child.output(), `young ${young}\n`);
  });
}
