import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { OtlpReceiver, ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { parseQuery } from '../../packages/trace-explorer/src/core/query/parse/parse-query.ts';
import { isWorthSaying } from '../../packages/trace-explorer/src/core/traces/findings/words.ts';
import { runCli } from '../../packages/trace-explorer/test/core/command/run-cli.ts';
import { copyServices } from '../helpers/copied-services.ts';
import type { GuideChange } from '../helpers/guide-changes.ts';
import { applyChange, guideChanges, variablesOf } from '../helpers/guide-changes.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import type { Pair } from '../helpers/pair.ts';
import { startPair } from '../helpers/pair.ts';
import { ROOT, untilOutput } from '../helpers/processes.ts';
import { wireTree } from '../helpers/wire-tree.ts';

// At night too: with the changed pair of every chapter started.

const HOME = '/api/activities/home';
const changes = new Map(guideChanges().map((change) => [change.chapter, change]));

/** A request to the changed pair, and what came of it. */
interface Result {
  readonly pair: Pair;
  readonly response: Response;
  /** The lines of the waterfall: `service  name  KIND`, indented. */
  readonly tree: string;
  readonly spans: readonly ReceivedSpan[];
  readonly receiver: OtlpReceiver;
}

interface Request extends RequestInit {
  /** Spans to wait for; 7 when left out. */
  readonly spans?: number;
}

/** Makes the chapter's change, starts the pair with it, and asks for the home feed once. */
async function tryChange(
  t: Test,
  change: GuideChange,
  { spans = 7, ...init }: Request = {},
): Promise<Result> {
  const { file, block } = change;
  const root = copyServices(t);
  const env = block?.language === 'env' ? variablesOf(block) : {};
  if (block?.language === 'diff' && file !== undefined) applyChange(join(root, file), block);
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const pair = await startPair({ otlpUrl: receiver.url, root, env });
  t.teardown(() => pair.stop());
  const response = await fetch(`${pair.api}${HOME}`, init);
  await response.text();
  await receiver.waitFor(() => receiver.spans().length >= spans);
  return { pair, response, tree: wireTree(receiver.spans()), spans: receiver.spans(), receiver };
}

const CHECKS: Readonly<Record<string, (t: Test, change: GuideChange) => Promise<void>>> = {
  async '01-first-waterfall'(t, change) {
    const { tree } = await tryChange(t, change);
    t.match(
      tree,
      '  activities-api  read-the-feed  INTERNAL\n    activities-api  SELECT activities  CLIENT\n',
    );
    t.notMatch(tree, 'home-activities-data');
  },
  async '02-spans-and-attributes'(t, change) {
    const { tree, spans } = await tryChange(t, change, { spans: 8 });
    t.match(
      tree,
      '    activities-api  read-page  INTERNAL\n      activities-api  SELECT activities  CLIENT\n      activities-api  GET /api/users  CLIENT\n',
    );
    t.equal(spans.length, 8);
    t.equal(spans.find(({ name }) => name === 'read-page')?.attributes['app.limit'], 20);
  },
  async '03-honeycomb'(t, change) {
    const { spans } = await tryChange(t, change);
    for (const { resource } of spans) t.equal(resource['deployment.environment.name'], 'my-laptop');
  },
  async '04-asking-questions'(t, { file = '', block }) {
    const copy = join(t.testdir(), 'query.json');
    cpSync(join(ROOT, file), copy);
    t.ok(block);
    if (block !== undefined) applyChange(copy, block);
    t.strictSame(parseQuery(JSON.parse(readFileSync(copy, 'utf8'))).breakdowns, [
      'http.response.status_code',
    ]);
  },
  async '05-context'(t, change) {
    const [traceparent = '', traceId = ''] = /00-([0-9a-f]{32})-[0-9a-f]{16}-00/.exec(change.text) ?? [];
    const { response, spans } = await tryChange(t, change, { headers: { traceparent }, spans: 0 });
    t.match(response.headers.get('traceresponse'), `00-${traceId}-`, 'the answer names the trace');
    t.strictSame(
      spans.filter((span) => span.traceId === traceId),
      [],
    );
  },
  async '06-broken-traces'(t, change) {
    const { spans } = await tryChange(t, change);
    t.equal(new Set(spans.map(({ traceId }) => traceId)).size, 2);
    const ofLookup = spans.filter(({ service }) => service === 'user-lookup');
    t.equal(wireTree(ofLookup), 'user-lookup  GET /api/users  SERVER\n  user-lookup  SELECT users  CLIENT');
  },
  async '07-browser'(t, change) {
    const { pair } = await tryChange(t, change);
    const headers = { origin: 'http://localhost:3000', 'access-control-request-method': 'GET' };
    const { headers: answer } = await fetch(`${pair.api}${HOME}`, { method: 'OPTIONS', headers });
    t.match(change.text, `access-control-allow-headers: ${answer.get('access-control-allow-headers')}\n`);
  },
  async '08-log-lines'(t, change) {
    const { spans, receiver } = await tryChange(t, change);
    const find = () => receiver.logRecords().find(({ body }) => body === 'read the feed');
    await receiver.waitFor(() => find() !== undefined);
    const line = find();
    t.equal(spans.find(({ spanId }) => spanId === line?.spanId)?.name, 'home-activities-data');
  },
  async '09-other-backends: Jaeger and Zipkin'(t, change) {
    const { pair } = await tryChange(t, change, { spans: 0 });
    await untilOutput(pair.activities, /name: 'SELECT activities',\n *id: '\w+',\n *kind: 2,\n/);
  },
  async '09-other-backends: AWS X-Ray'(t, change) {
    const [header = '', root = ''] = /Root=1-(\w{8}-\w{24});[^']+/.exec(change.text) ?? [];
    const { spans } = await tryChange(t, change, { headers: { 'x-amzn-trace-id': header } });
    t.strictSame([...new Set(spans.map(({ traceId }) => traceId))], [root.replace('-', '')]);
  },
  async '09-other-backends: Rollbar'(t, change) {
    const { response, tree, spans } = await tryChange(t, change, { spans: 3 });
    t.equal(response.status, 500);
    t.equal(
      tree,
      `activities-api  GET ${HOME}  SERVER  ERROR\n  activities-api  home-activities-data  INTERNAL  ERROR\n    activities-api  SELECT activities  CLIENT`,
    );
    t.match(
      spans.find(({ name }) => name === 'home-activities-data'),
      { status: 2 },
    );
  },
  // Its service is in Python, which the gate has not: the line exists.
  async '10-from-flask'(t) {
    const app = readFileSync(join(ROOT, 'examples/flask/app.py'), 'utf8');
    t.match(app, /^RequestsInstrumentor\(\)\.instrument\(\)/m);
  },
  // The fault is tried by the tests of the services: a shorter stall is none that a finding tells.
  async '11-where-the-time-went'(t, change) {
    const [, before, after] = /replace `(\d+)` by `(\d+)`/.exec(change.text) ?? [];
    t.ok(isWorthSaying(Number(before) * 1e6, 400e6));
    t.notOk(isWorthSaying(Number(after) * 1e6, 60e6));
  },
  async '12-what-sampling-costs'(t, { file = '', block }) {
    const products = join(ROOT, 'packages/trace-explorer/test/parts/sampling/server/products');
    const before = readFileSync(join(ROOT, file), 'utf8');
    const shop = gunzipSync(readFileSync(join(products, 'shop.json.gz')));
    const folder = t.testdir({ 'before.yaml': before, 'after.yaml': before, 'shop.json': shop });
    const path = (name: string) => join(folder, name);
    t.ok(block);
    if (block !== undefined) applyChange(path('after.yaml'), block);
    const rules = ['before.yaml', 'after.yaml'].flatMap((name) => ['--rules', path(name)]);
    const { out, error } = await runCli('sample', [path('shop.json'), ...rules, '--json']);
    const report: { trials: { kept: { events: number } }[] } = JSON.parse(out);
    const [first, second] = report.trials.map(({ kept }) => kept.events);
    t.ok(Number(second) > Number(first), error);
  },
  // Its queue needs a database of its own, which test/documents/queue-example.nightly.test.ts has: the line exists.
  async '13-a-queue-between'(t) {
    const example = readFileSync(join(ROOT, 'examples/queue/pg-boss.js'), 'utf8');
    t.match(example, /propagateContext: true/);
  },
  // The query before and after the change is one that the explorer takes. test/documents/command-blocks.nightly.test.ts asks it.
  async '14-what-names-mean'(t) {
    const query = readFileSync(join(ROOT, 'docs/guide/error-rate.json'), 'utf8');
    const changed = query.replace('"breakdowns": ["http.route"]', '"breakdowns": ["user.id"]');
    t.not(changed, query);
    for (const each of [query, changed]) t.doesNotThrow(() => parseQuery(JSON.parse(each)));
  },
};

t.strictSame(Object.keys(CHECKS), [...changes.keys()], 'each chapter asks for a change');
t.jobs = 2;

/** Chapters whose change is tried by day, too. Of all others the day asks only whether the change fits its file. */
const BY_DAY = ['04-asking-questions', '10-from-flask', '11-where-the-time-went'];

for (const [chapter, check] of Object.entries(CHECKS)) {
  const isTried = IS_NIGHT || BY_DAY.includes(chapter);
  const name = `${chapter}: the change that it asks for ${isTried ? 'does what it says' : 'fits its file'}`;
  t.test(name, { buffered: true }, async (t) => {
    const change = changes.get(chapter);
    t.ok(change?.text);
    if (change !== undefined) await (isTried ? check : fitsItsFile)(t, change);
  });
}

async function fitsItsFile(t: Test, { file, block }: GuideChange): Promise<void> {
  if (block?.language === 'env') t.ok(Object.keys(variablesOf(block)).length > 0);
  if (block?.language !== 'diff' || file === undefined) return;
  const before = readFileSync(join(ROOT, file), 'utf8');
  const copy = join(t.testdir({ copy: before }), 'copy');
  applyChange(copy, block);
  t.not(readFileSync(copy, 'utf8'), before);
}
