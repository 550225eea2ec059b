import { channel, tracingChannel } from 'node:diagnostics_channel';
import { asOriginal } from '../../common/as-original.ts';
import { listenTo } from '../../common/channels.ts';
import { compareVersions } from '../../common/compare-versions.ts';
import { versionIn } from '../../common/installed-package.ts';
import { quietly } from '../../common/quietly.ts';
import type { DriverLibrary, Functions } from '../libraries.ts';
import { LIBRARIES } from '../libraries.ts';
import type { Call, Listeners } from './call.ts';
import { announceGiven, originals } from './call.ts';
import { LISTENERS, REPLACING } from './listeners.ts';
import { otherTracerOf } from './vendor-tracers.ts';

/** Functions that have a channel. */
const given = new WeakSet<object>();
/** Functions that were replaced → those with a channel, by name: what a library exports twice stays one function. */
const replacements = new WeakMap<object, Map<string, object>>();

/** A file of a library that Node has loaded. */
interface Loaded {
  readonly library: string;
  /** The path, with slashes. Empty for a module of Node. */
  readonly file: string;
  readonly module: { exports: unknown };
  /** Gets how to stop listening to the library. */
  readonly stops: Map<string, () => void>;
}

/**
 * Gives the functions of a file their channels, and listens to them. A file that is not in the table stays as it is.
 *
 * @throws Error that says why a file of the table stays as it is: another version, another tracer, or it looks otherwise
 */
export function giveChannels(loaded: Loaded): void {
  if (LISTENERS[loaded.library] === undefined) quietly(() => change(loaded));
  else change(loaded);
}

function change({ library, file, module, stops }: Loaded): void {
  const found = rowOf(library, file);
  if (found === undefined) return;
  unlock(module);
  for (const give of [...changesOf(library, module, 'exports', found.functions)]) give();
  const listeners = LISTENERS[library];
  if (listeners === undefined) return;
  if (!stops.has(library)) stops.set(library, listen(library, listeners));
  announceGiven(library);
}

/** What the table says about a file; undefined for a file that is not in it. */
interface Row {
  readonly row: DriverLibrary;
  /** The path in the library. */
  readonly path: string;
  readonly functions: Functions;
}

/**
 * Finds a file in the table.
 *
 * @param file the path, with slashes. Empty for a module of Node
 * @throws Error that says why a file of the table gets no channels
 */
export function rowOf(library: string, file: string): Row | undefined {
  const part = `/node_modules/${library}/`;
  const at = file === '' ? 0 : file.lastIndexOf(part) + part.length;
  const row = LIBRARIES[library];
  const path = file.slice(at);
  const functions = row?.files?.[path] ?? row?.modules?.[path]?.exports;
  if (row === undefined || functions === undefined) return undefined;
  const other = otherTracerOf(row.tracedBy ?? []);
  if (other !== undefined) throw new Error(`${other} traces it.`);
  if (row.versions !== undefined) {
    const [from, below] = row.versions;
    const version = versionIn(file.slice(0, at - 1));
    if (compareVersions(version, from) < 0 || compareVersions(version, below) >= 0)
      throw new Error(`telemetry knows versions from ${from} to ${below}, and ${version} is installed.`);
  }
  return { row, path, functions };
}

/** The name of a function's tracing channel: no other tracer listens to it. */
function channelOf(library: string, name: string): string {
  return `tandem:${library}:${name}`;
}

function listen(library: string, listeners: Listeners): () => void {
  const named = Object.entries(listeners).map(
    ([name, listener]) => [`tracing:${channelOf(library, name)}`, listener] as const,
  );
  return listenTo(Object.fromEntries(named) as never);
}

/** Bundlers export getters that cannot be replaced. */
function unlock(module: { exports: unknown }): void {
  const own = Object.entries(Object.getOwnPropertyDescriptors(Object(module.exports)));
  if (!own.some(([, { get, configurable }]) => get !== undefined && !configurable)) return;
  const free = own.map(([name, each]) => [name, { ...each, configurable: true }]);
  module.exports = Object.defineProperties({}, Object.fromEntries(free));
}

/** How each function of a tree gets its channel. @throws Error for a function that is not there */
function* changesOf(
  library: string,
  holder: object,
  name: string,
  functions: Functions,
): Generator<() => void> {
  const value = Reflect.get(holder, name);
  if (functions === 'set') {
    yield () => publishSet(library, holder, name);
  } else if (typeof functions === 'object' && !('()' in functions) && !('await ()' in functions)) {
    if (value === undefined && name === 'default') return; // mariadb before 3.5.3 has none
    for (const [member, each] of Object.entries(functions))
      yield* changesOf(library, Object(value), member, each);
  } else if (functions !== 'async?' || value !== undefined) {
    if (typeof value !== 'function') throw new Error(`${name} is no function`);
    const replace = functions === 'replaced' ? REPLACING[library]?.[name] : undefined;
    yield replace === undefined
      ? () => publishCalls(library, holder, name, functions)
      : () => put(holder, name, replace(value as never));
  }
}

function publishCalls(library: string, holder: object, name: string, functions: Functions): void {
  const original = Reflect.get(holder, name);
  if (typeof original !== 'function') return;
  const known = replacements.get(original)?.get(name);
  if (known !== undefined) put(holder, name, known);
  if (known !== undefined || given.has(original)) return;
  const calls = tracingChannel(channelOf(library, name));
  const { '()': made, 'await ()': promised }: { readonly [returned: string]: object } = Object(functions);
  const replaced = function (this: unknown, ...args: unknown[]) {
    const call: Call = { self: this, arguments: args };
    const run = () => Reflect.apply(original, this, call.arguments);
    if (functions === 'sync' || made !== undefined)
      return calls.traceSync(() => withMembers(library, run(), made), call);
    return calls.tracePromise(async () => withMembers(library, await run(), promised), call);
  };
  asOriginal(replaced, original);
  given.add(replaced);
  originals.set(replaced, original as never);
  replacements.set(original, (replacements.get(original) ?? new Map()).set(name, replaced));
  put(holder, name, replaced);
}

function put(holder: object, name: string, value: object): void {
  Object.defineProperty(holder, name, { value, configurable: true, writable: true });
}

/** Gives functions of what a function has returned their channels: in its class, where it has one. */
function withMembers<R>(library: string, result: R, functions: object = {}): R {
  quietly(() => {
    for (const [member, each] of Object.entries(functions)) {
      let owner = Object(result);
      while (owner !== null && !Object.hasOwn(owner, member)) owner = Object.getPrototypeOf(owner);
      if (owner !== null) publishCalls(library, owner, member, each);
    }
  });
  return result;
}

/** Publishes each value that an object of a class gets as a member. */
function publishSet(library: string, prototype: object, name: string): void {
  const values = new WeakMap<object, unknown>();
  const sets = channel(`tracing:${channelOf(library, name)}:end`);
  Object.defineProperty(prototype, name, {
    configurable: true,
    get() {
      return values.get(this);
    },
    set(value) {
      values.set(this, value);
      sets.publish({ self: this, arguments: [value] });
    },
  });
}
