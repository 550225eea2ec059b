import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { atNight } from '../helpers/nightly.ts';
import { freePort, ROOT, startProcess } from '../helpers/processes.ts';

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

t.test('a copied pair accepts nothing at first', async (t) => {
  const text = readFileSync(join(ROOT, 'templates/pair/tandem-known.json'), 'utf8');
  t.same(JSON.parse(text), { version: 1, known: [] });
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
    const explorer = `"${process.execPath}" "${join(ROOT, 'packages/trace-explorer/start.js')}"`;
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
    const runJob = async (event: string, calls: number, gate = 0) => {
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
        t.equal(await exited, step.run.includes('--fail-on') ? gate : 0, `${step.run}: ${output()}`);
      }
    };
    await runJob('pull_request', 1);
    t.match(readFileSync(summary, 'utf8'), /1 test, 0 failed; 1 made a request/, 'without a run of main');
    await runJob('push', 1);
    t.ok(existsSync(join(work, 'artifact.gz')));
    await runJob('pull_request', 7, 1);
    t.match(
      readFileSync(summary, 'utf8'),
      /GET \/orders: GET \/items\/\\:id 1 → 7 · shop · in orders\.test\.js › lists/,
    );
  },
);

atNight(t).test('an old project switches its gate on by the commands of the document', async (t) => {
  const document = readFileSync(join(ROOT, 'docs/pull-requests.md'), 'utf8');
  const [, block = ''] = /```sh\n([^`]*known add all[^`]*)```/.exec(document) ?? [];
  const commands = block.trim().split('\n');
  t.ok(commands.length <= 10, block);
  const [port, otlp] = [await freePort(), await freePort()];
  const explorer = `"${process.execPath}" "${join(ROOT, 'packages/trace-explorer/start.js')}"`;
  const manifest = { name: 'shop', type: 'module', scripts: { test: `"${process.execPath}" --test` } };
  const work = t.testdir({
    bin: {
      npx: `#!/bin/sh\nshift 3\ncase "$1" in run) shift; exec ${explorer} run --port ${port} --otlp-port ${otlp} --data-dir data "$@";; *) exec ${explorer} "$@";; esac\n`,
    },
    'package.json': JSON.stringify(manifest),
    'orders.test.js': SUITE,
  });
  chmodSync(join(work, 'bin/npx'), 0o755);
  const env = { CALLS: '7', XDG_DATA_HOME: join(work, 'home') };
  const sh = async (command: string) => {
    const { exited, output } = startProcess(
      work,
      ['bash', '-e', '-c', `PATH="${join(work, 'bin')}:$PATH"\n${command}`],
      env,
      false,
    );
    return { code: await exited, said: output() };
  };
  const git = 'git init -q && git config user.name shop && git config user.email shop@example.com';
  t.equal((await sh(git)).code, 0);
  const gate = commands.at(-1) ?? '';
  t.equal((await sh(commands[0] ?? '')).code, 0);
  t.match(await sh(gate), { code: 1, said: /problems? not in tandem-known\.json/ });
  for (const command of commands.slice(1)) {
    const { code, said } = await sh(command);
    t.equal(code, 0, `${command}: ${said}`);
  }
  t.match(readFileSync(join(work, 'tandem-known.json'), 'utf8'), /"by": "shop"/);
});
