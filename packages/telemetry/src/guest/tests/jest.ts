import { join } from 'node:path';
import { env } from 'node:process';
import { asOriginal } from '../../common/as-original.ts';
import { failureOf } from '../../common/failures.ts';
import { installedPath } from '../../common/installed-package.ts';
import { quietly } from '../../common/quietly.ts';
import { keepWaiting } from '../../process/running.ts';
import { newExecution, processExecution } from './execution.ts';
import type { Attempts, TestSpan } from './test-span.ts';

/** The used members of jest-circus' blocks and tests, which it makes in the sandbox of a test file. */
interface Block {
  readonly type: 'describeBlock';
  readonly name: string;
  readonly parent?: Block;
  readonly children: readonly (Block | CircusTest)[];
}
interface CircusTest {
  readonly type: 'test';
  readonly name: string;
  readonly parent?: Block;
  /** Each a thrown value, or that and the place of the test. Filled as it runs, emptied as it is tried again. */
  readonly errors: readonly unknown[];
  /** How often it has begun. */
  readonly invocations: number;
  readonly concurrent?: boolean;
  fn?: (...args: unknown[]) => unknown;
}

interface CircusEvent {
  readonly name: string;
  readonly test?: CircusTest;
  /** Of a test or hook that is declared. */
  readonly asyncError?: object;
}
type CircusHandler = (event: CircusEvent) => void;

/** jest-circus' module of state in Jest 29, whose members its other modules look up for each call. */
interface State {
  dispatch(event: CircusEvent): Promise<void>;
  getState(): { readonly rootDescribeBlock: Block };
}

/** The used members of what Jest gives to a runner of test files. */
interface Environment {
  readonly global: object;
}
interface Runtime {
  requireInternalModule(path: string): unknown;
  /** The modules that a file of tests has loaded, by path: the first in Jest 29 and 30.0, the other one in newer versions. */
  readonly _moduleRegistry?: ReadonlyMap<string, unknown>;
  readonly registries?: { readonly moduleRegistry?: ReadonlyMap<string, unknown> };
}
/** Where jest-circus 30 keeps its handlers of events, in the global object of the sandbox. */
const HANDLERS = Symbol.for('EVENT_HANDLERS');
/** Where OpenTelemetry's API keeps what is registered, in the same object. */
const API = Symbol.for('opentelemetry.js.api.1');
/** The name of the block around a whole file. */
const ROOT_BLOCK = 'ROOT_DESCRIBE_BLOCK';

/** The used members of Jest's configuration, and of a project's. */
interface GlobalConfig {
  readonly watch?: boolean;
  readonly watchAll?: boolean;
}
interface ProjectConfig {
  readonly id?: string;
}

/** The used part of the arguments that Jest runs a test file with. */
export type JestArguments = readonly [
  globalConfig: GlobalConfig,
  config: ProjectConfig,
  environment: Environment,
  runtime: Runtime,
  file: string,
];

/**
 * Makes a span of each attempt of a test in a file of Jest 30, from its `beforeEach` hooks to its `afterEach` hooks. The first of
 * jest-circus' handlers runs within its `dispatch`, so what it enters is active in what follows. Later handlers run behind an
 * `await`, and `handleTestEvent` of an environment is one of them. Jest's tests keep the functions that they have, so that Jest
 * still sees generators and callbacks.
 *
 * @param folder of the file that exports the function which Jest runs test files with
 * @param onLost is called where spans that the file's code makes by OpenTelemetry's API are lost
 * @throws Error that says what is not there
 */
export function traceJest30(
  folder: string,
  args: JestArguments,
  attempts: Attempts,
  onLost: () => void,
): void {
  const [, , { global }, runtime] = args;
  runtime.requireInternalModule(join(folder, 'jestAdapterInit.js')); // what that function begins with
  const handlers: CircusHandler[] | undefined = Reflect.get(global, HANDLERS);
  if (typeof handlers?.unshift !== 'function') throw new Error('it keeps no EVENT_HANDLERS');
  handlers.unshift(listenerOf(args, attempts, () => isSpanLost(args) && onLost()).hear);
}

/**
 * The same of Jest 29, which keeps its handlers to itself, and starts the functions of concurrent tests before the first event of
 * these tests: they are called in their context.
 *
 * @throws Error that says what is not there
 */
export function traceJest29(
  folder: string,
  args: JestArguments,
  attempts: Attempts,
  onLost: () => void,
): void {
  const [, , , runtime] = args;
  const state = runtime.requireInternalModule(join(folder, 'build', 'state.js')) as State;
  const { dispatch, getState } = Object(state);
  if (typeof dispatch !== 'function' || typeof getState !== 'function') throw new Error('it has no dispatch');
  const { hear, enterConcurrent } = listenerOf(args, attempts, () => isSpanLost(args) && onLost());
  const heard: State['dispatch'] = (event) => {
    if (event.name === 'run_start') quietly(() => enterConcurrent(state.getState().rootDescribeBlock));
    hear(event);
    return dispatch(event);
  };
  state.dispatch = asOriginal(heard, dispatch);
}

/**
 * Whether a file of tests has loaded OpenTelemetry's API, and registered nothing with it. The sandbox has a global object of its
 * own, and so has the API in it: telemetry's would keep a file from registering its own. What a file has registered and shut down
 * leaves the object there.
 */
function isSpanLost([, , { global }, { _moduleRegistry, registries }]: JestArguments): boolean {
  if (Reflect.get(global, API) !== undefined) return false;
  const loaded = _moduleRegistry ?? registries?.moduleRegistry;
  return [...(loaded?.keys() ?? [])].some((path) => installedPath(path).startsWith('@opentelemetry/api/'));
}

/** Makes the spans of one test file from the events of jest-circus. */
function listenerOf(
  [globalConfig, { id: group }, , , file]: JestArguments,
  { enter, again, leave }: Attempts,
  onFinish: () => void,
) {
  const isWatching = globalConfig.watch === true || globalConfig.watchAll === true;
  const execution = isWatching ? newExecution({ group }) : processExecution({ group });
  const places = placesOf();
  const running = new Map<CircusTest, TestSpan>();
  /** Tests whose functions start before their first event. When they are tried again, Jest repeats the first result. */
  const concurrent = new WeakSet<CircusTest>();
  const begin = (test: CircusTest, attempt: number) => {
    const start = { runner: 'jest', name: test.name, suites: suitesOf(test), file, isSuite: false } as const;
    const span = enter({ ...start, attempt, worker: env.JEST_WORKER_ID, execution });
    running.set(test, span);
  };
  const end = (test: CircusTest) => {
    const span = running.get(test);
    if (span === undefined) return;
    running.delete(test);
    leave();
    // An error of `beforeAll` is there before the test begins, and Jest does not call the test's function then.
    if (test.errors.length > 0) span.end('fail', places.errorOf(test.errors[0]));
    else span.end('pass');
  };
  const enterConcurrent = ({ children }: Block) => {
    for (const each of children) {
      if (each.type === 'describeBlock') enterConcurrent(each);
      else if (each.concurrent === true && each.fn !== undefined) enterFunction(each, each.fn);
    }
  };
  const enterFunction = (test: CircusTest, fn: NonNullable<CircusTest['fn']>) => {
    concurrent.add(test);
    const entered: typeof fn = function (this: unknown, ...args) {
      quietly(() => begin(test, 0));
      try {
        return Reflect.apply(fn, this, args);
      } finally {
        quietly(leave);
      }
    };
    test.fn = asOriginal(entered, fn);
  };
  const hear: CircusHandler = ({ name, test, asyncError }) => {
    if (name === 'run_finish') quietly(onFinish);
    if (name === 'teardown') keepWaiting.value?.();
    if (name.startsWith('add_') && asyncError !== undefined) quietly(() => places.note(asyncError, hear));
    if (test === undefined) return;
    if (name === 'test_done') quietly(() => end(test));
    if (name !== 'test_started') return;
    const begun = running.get(test);
    if (begun !== undefined) quietly(() => again(begun));
    else if (!concurrent.has(test)) quietly(() => begin(test, test.invocations - 1));
  };
  return { hear, enterConcurrent };
}

/** The names of the blocks around a test, the outer one first. */
function suitesOf({ parent }: CircusTest): string[] {
  const names: string[] = [];
  for (let block = parent; block !== undefined && block.name !== ROOT_BLOCK; block = block.parent)
    names.unshift(block.name);
  return names;
}

/**
 * Where tests and hooks are written, by the error that Jest keeps for each of them. The stack of Jest's own is Jest's: V8 makes the
 * text when somebody first reads it, and Jest changes the message before.
 */
function placesOf() {
  const places = new WeakMap<object, Error>();
  return {
    /** Called while a test or hook is declared. */
    note(asyncError: object, listener: CircusHandler): void {
      const place = new Error();
      Error.captureStackTrace(place, listener);
      places.set(asyncError, place);
    },
    /** What was thrown. Where it has no stack, as the text of a time limit, the place of the test or hook. */
    errorOf(found: unknown): unknown {
      if (!Array.isArray(found)) return found;
      const [thrown, asyncError] = found;
      const { stack, message } = Object(thrown);
      if (typeof stack === 'string' || typeof message === 'string') return thrown;
      const placed = String(places.get(asyncError)?.stack ?? '');
      const frames = placed.indexOf('\n    at ');
      const { message: text } = failureOf(thrown);
      return Object.assign(new Error(text), {
        stack: frames < 0 ? '' : `Error: ${text}${placed.slice(frames)}`,
      });
    },
  };
}
