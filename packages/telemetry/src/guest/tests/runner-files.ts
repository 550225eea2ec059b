import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { asOriginal } from '../../common/as-original.ts';
import { compareVersions } from '../../common/compare-versions.ts';
import { libraryOf, versionIn } from '../../common/installed-package.ts';
import type { Logger } from '../../road/delivery/logger.ts';
import { whenFilesLoad } from '../loading/installed-files.ts';
import { loadHooksFrom } from '../loading/module-loading.ts';
import type { RunnerName, RunnerTold } from './runner-versions.ts';
import { RUNNER_TOLD, RUNNER_VERSIONS } from './runner-versions.ts';
import type { testsOf } from './tests-of.ts';

type Tests = () => ReturnType<typeof testsOf>;
/** Says what came of a runner. */
interface Told {
  /** Its tests have spans, or what is not there. */
  tests(error?: unknown): void;
  /** A sentence about other spans that are missing. */
  other(note: string): void;
}

/** A file of a test runner. */
interface RunnerFile {
  readonly runner: RunnerName;
  /** Changes what the file exports. @throws Error that says what is not there */
  trace(module: { exports: unknown }, file: string, tests: Tests, told: Told): void;
}

const LOST_IN_JEST =
  "Spans that code makes by @opentelemetry/api itself are missing in Jest's tests: Jest gives each file of tests an API of its own.";

const PLAYWRIGHT: RunnerFile = {
  runner: 'Playwright',
  trace: ({ exports }, _file, tests, told) => tests().playwright(Object(exports).ProcessRunner, told.tests),
};

/** The files of test runners where their tests are heard, by their installed paths. */
const FILES: Readonly<Record<string, RunnerFile>> = {
  'jest-circus/build/runner.js': {
    runner: 'Jest',
    trace({ exports }, file, tests, told) {
      const traced = exports as { default: unknown };
      traced.default = runningTests(traced.default, told, (args) =>
        tests().jest30(dirname(file), args, () => told.other(LOST_IN_JEST)),
      );
    },
  },
  'jest-circus/runner.js': {
    runner: 'Jest',
    trace(module, file, tests, told) {
      const [from] = RUNNER_VERSIONS.Jest;
      if (compareVersions(versionOf('jest-circus/runner.js', file), from) < 0)
        throw new Error(`jest-circus has no event test_started before ${from}`);
      module.exports = runningTests(module.exports, told, (args) =>
        tests().jest29(dirname(file), args, () => told.other(LOST_IN_JEST)),
      );
    },
  },
  'jest-jasmine2/build/index.js': {
    runner: 'Jest',
    trace() {
      throw new Error('jest-jasmine2 is not supported, and jest-circus is');
    },
  },
  'playwright/lib/common/process.js': PLAYWRIGHT,
  'playwright/lib/common/index.js': PLAYWRIGHT,
  'mocha/lib/runner.js': {
    runner: 'Mocha',
    trace({ exports }, _file, tests, told) {
      tests().mocha(Object(exports));
      told.tests();
    },
  },
};

/** What the pages of tests request is heard of by what Playwright's library exports. */
const PAGES = 'playwright-core/index.js';

/**
 * Traces the tests of the runners whose files this process loads, until it ends.
 *
 * @param hasPages whether what pages request belongs to the tests
 */
export function hearOfRunners(tests: Tests, log: Logger, hasPages: boolean): void {
  const said = new Set<string>();
  // There Node asks for no folders for what a file imports behind Playwright's own hooks: the library is loaded before them.
  const losesImports = loadHooksFrom(process.versions.node) !== undefined;
  const say = ({ runner, note = '' }: RunnerTold) => {
    if (said.has(runner + note)) return false;
    said.add(runner + note);
    channel(RUNNER_TOLD).publish({ runner, ...(note !== '' && { note }) } satisfies RunnerTold);
    return true;
  };
  const onOther = (browsers: string) =>
    say({ runner: 'Playwright', note: `What pages of ${browsers} request are traces of their own.` });
  whenFilesLoad([...Object.keys(FILES), PAGES], ({ path, file, module }) => {
    const row = FILES[path];
    if (row === undefined) {
      if (hasPages) tests().pages(Object(module.exports), onOther);
      return;
    }
    const { runner } = row;
    const told: Told = {
      tests(error) {
        if (error === undefined) return void say({ runner });
        const name = `${runner} ${versionOf(path, file)}`.trim();
        const note = `The tests of ${name} are not traces: ${Object(error).message}.`;
        if (say({ runner, note })) log.warn({}, note);
      },
      other: (note) => say({ runner, note }),
    };
    try {
      row.trace(module, file, tests, told);
      if (runner === 'Playwright' && hasPages && losesImports) createRequire(file)('playwright-core');
    } catch (error) {
      told.tests(error);
    }
  });
}

/**
 * What Jest runs a test file with, and before it the listening. The spans are loaded with the first test file: while Jest loads its
 * runner, it transforms what is required.
 */
function runningTests(run: unknown, told: Told, listen: (args: never) => void): unknown {
  if (typeof run !== 'function') throw new Error('jest-circus exports no function');
  const listening = function (this: unknown, ...args: never[]) {
    try {
      listen(args as never);
      told.tests();
    } catch (error) {
      told.tests(error);
    }
    return Reflect.apply(run, this, args);
  };
  return asOriginal(listening, run);
}

/** The version of the package of an installed file; empty where nobody can read it. */
function versionOf(path: string, file: string): string {
  try {
    return versionIn(file.slice(0, file.length - path.length + libraryOf(path).length));
  } catch {
    return '';
  }
}
