import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { atNight } from './helpers/nightly.ts';
import { freePort, ROOT, startProcess } from './helpers/processes.ts';

// At night too: with the steps of the workflow.

interface Step {
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
}

t.setTimeout(180_000);

const FLOW = readFileSync(join(ROOT, 'templates/pair/.github/workflows/report.yml'), 'utf8');
const { jobs } = parse(FLOW) as { jobs: { report: { steps: Step[] } } };

t.test('the workflow of the document is that of a copied pair, in at most 25 lines', async (t) => {
  const [, block] =
    /```yaml\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs/pull-requests.md'), 'utf8')) ?? [];
  t.equal(block, FLOW);
  t.ok(FLOW.trim().split('\n').length <= 25);
});

/** A test whose app makes as many calls as CALLS says. */
const SUITE = `
import { createServer } from 'node:http';
import { it } from 'node:test';
const items = createServer((_, response) => response.end('item')).listen(0);
const server = createServer(async (_, response) => {
  for (let id = 0; id < Number(process.env.CALLS); id++)
    await (await fetch('http://localhost:' + items.address().port + '/items/' + id)).text();
  response.end('ok');
}).listen(0);
it('lists', async () => {
  await (await fetch('http://localhost:' + server.address().port + '/orders')).text();
  for (const each of [server, items]) each.close();
});`;

atNight(t).test(
  'its steps, in order: main keeps its run, and a pull request is compared with it',
  async (t) => {
    const [port, otlp] = [await freePort(), await freePort()];
    const explorer = `"${process.execPath}" "${join(ROOT, 'packages/trace-explorer/src/main.ts')}"`;
    const manifest = { name: 'shop', type: 'module', scripts: { test: `"${process.execPath}" --test` } };
    // What GitHub and the registry give: the artifact of main's run, and the explorer as an installed package.
    const work = t.testdir({
      bin: {
        npx: `#!/bin/sh\nshift 3\ncase "$1" in run) shift; exec ${explorer} run --port ${port} --otlp-port ${otlp} --data-dir data "$@";; *) exec ${explorer} "$@";; esac\n`,
        gh: '#!/bin/sh\ncase "$2" in list) [ ! -f artifact.gz ] || echo 1;; download) mkdir -p base && cp artifact.gz base/run.gz;; esac\n',
      },
      'package.json': JSON.stringify(manifest),
      'orders.test.js': SUITE,
    });
    for (const name of ['npx', 'gh']) chmodSync(join(work, 'bin', name), 0o755);
    const summary = join(work, 'summary.md');
    const runJob = async (event: string, calls: number) => {
      const env = { CALLS: String(calls), GITHUB_STEP_SUMMARY: summary };
      for (const step of jobs.report.steps) {
        if (step.if !== undefined && !step.if.includes(`'${event}'`)) continue;
        if (step.uses?.startsWith('actions/upload-artifact@'))
          copyFileSync(join(work, 'run.gz'), join(work, 'artifact.gz'));
        if (step.run === undefined) continue;
        const path = `PATH="${join(work, 'bin')}:$PATH"`;
        const { exited, output } = startProcess(
          work,
          ['bash', '-e', '-c', `${path}\n${step.run}`],
          env,
          false,
        );
        t.equal(await exited, 0, `${step.run}: ${output()}`);
      }
    };
    await runJob('pull_request', 1);
    t.match(readFileSync(summary, 'utf8'), /1 test, 0 failed; 1 made a request/, 'without a run of main');
    await runJob('push', 1);
    t.ok(existsSync(join(work, 'artifact.gz')));
    await runJob('pull_request', 7);
    t.match(
      readFileSync(summary, 'utf8'),
      /GET \/orders: GET \/items\/\\:id 1 → 7, in orders\.test\.js › lists/,
    );
  },
);
