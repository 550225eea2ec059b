import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import { nodeBinary, npmInstall } from '../helpers/npm.ts';
import { ROOT, startProcess } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';
import type { Way } from '../host-unchanged/compare.ts';
import { differencesOf, environmentOf, runProgram } from '../host-unchanged/compare.ts';
import { FACTS } from '../host-unchanged/facts.ts';
import { PROGRAMS } from '../host-unchanged/programs.ts';

// At night too: with all programs, on the oldest Node and the newest of each line.

// Small programs end as without telemetry, in stdout, stderr and exit code, but for the listed facts.

/** By day, with the sources and this Node. */
const BY_DAY = [
  'head-pairs',
  'permission',
  'sigterm-handler',
  'uncaught',
  'unhandled-default',
  'worker-exit',
];
/** The oldest Node that the tarballs promise, and the newest of each line. */
const NODES = IS_NIGHT ? ['22.15.0', '22.23.5', '24.22.3', '26.12.1'] : [process.versions.node];

/** Runners of tests, which the programs of `runners` need, and the frameworks. */
const RUNNERS = ['mocha@11.8.0', 'jest@30.5.2', '@playwright/test@1.65.1', 'tsx@4.23.15'];
const FRAMEWORKS = [
  '@nestjs/common@12.5.1',
  '@nestjs/core@12.5.1',
  '@nestjs/platform-express@12.5.1',
  'express@5.3.0',
  'express4@npm:express@4.22.1',
  'fastify@5.12.8',
  'graphql@16.15.0',
  'json-server@0.17.4',
  'koa@3.1.1',
  'koa2@npm:koa@2.16.3',
  'mercurius@16.10.1',
  'pino-http@11.0.0',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
];

t.setTimeout(2 * 60 * 60_000);

const work = await mkdtemp(join(tmpdir(), 'host-unchanged-'));
await chmod(work, 0o755); // a program gives its rights up
t.teardown(() => rm(work, { recursive: true, force: true }));
const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());
const app = join(work, 'app');
const { register, explorer } = IS_NIGHT ? await installPackages() : sources();
const page = await startExplorer(t);

interface Packages {
  /** What `--import` names. */
  readonly register: string;
  /** The explorer's command. */
  readonly explorer: string;
}

async function installPackages(): Promise<Packages> {
  const tarballs = await Promise.all(['telemetry', 'trace-explorer'].map((name) => packPackage(name, work)));
  await npmInstall(app, [...tarballs, '@opentelemetry/api', ...RUNNERS, ...FRAMEWORKS]);
  const explorer = join(app, 'node_modules', '.bin', 'trace-explorer');
  return { register: '@tandem/telemetry/register', explorer };
}

function sources(): Packages {
  return {
    register: import.meta.resolve('../../packages/telemetry/src/register.ts'),
    explorer: join(ROOT, 'packages', 'trace-explorer', 'start.js'),
  };
}

/** One explorer for all, so that `run` need not start its own. @returns its port */
async function startExplorer(t: Test): Promise<string> {
  const options = [
    '--port',
    '0',
    '--otlp-port',
    '0',
    '--grpc-port',
    'off',
    '--data-dir',
    join(work, 'explorer'),
  ];
  const child = startProcess(work, [process.execPath, explorer, ...options], {}, false);
  t.teardown(() => child.stop());
  const found = () => /^ +Page +http:\/\/localhost:(\d+)/m.exec(child.output())?.[1];
  return until(found, { what: child.output, limitMs: 120_000 });
}

for (const version of NODES) {
  const node = await nodeBinary(version);
  // A program in CommonJS runs in another way of Node's where there is any `--import`.
  const ways: Readonly<Record<'run' | 'register', Way & { readonly plain: Way }>> = {
    register: {
      node: [node, '--import', register],
      plain: { node: [node, '--import', 'data:text/javascript,'] },
    },
    run: {
      node: [node],
      command: [process.execPath, explorer, 'run', '--port', page, '--'],
      plain: { node: [node] },
    },
  };
  for (const program of PROGRAMS.filter(({ name }) => IS_NIGHT || BY_DAY.includes(name)))
    t.test(`Node ${version}: ${program.name}`, async (t) => {
      const home = await mkdtemp(join(IS_NIGHT ? app : work, 'home-'));
      await chmod(home, 0o755);
      const place = {
        folder: home,
        app,
        version,
        env: environmentOf(node, home, { OTEL_SERVICE_NAME: 'guest' }),
      };
      const sent = { ...place, env: { ...place.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } };
      for (const [name, way] of Object.entries(ways)) {
        const compare = async () => {
          const plain = await runProgram(program, way.plain, sent);
          return differencesOf(
            plain,
            await runProgram(program, way, name === 'run' ? place : sent),
            way,
            program,
          );
        };
        // Some programs end in one of several ways, on a busy machine above all.
        let found = await compare();
        for (let again = 0; again < 2 && found.length > 0; again++) found = await compare();
        const isFact = FACTS.some(({ programs }) => programs[program.name]?.includes(name as 'run'));
        if (!isFact) t.same(found, [], name);
        else if (found.length > 0) t.comment(`${name}: ${found.join('; ')}`);
      }
    });
}
