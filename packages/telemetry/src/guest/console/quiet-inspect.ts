import { inspect, types } from 'node:util';
import { OwnDate } from '../../common/primordials.ts';

const DEPTH = 2;
const MOST_ITEMS = 50;
/** Values of a line that are looked at. More than these fill no record. */
const MOST_VALUES = 2_000;

/** Members that `inspect` reads of a value, whatever `getters` says. */
const READ: readonly PropertyKey[] = [
  ...['constructor', 'name', 'message', 'stack', 'cause', 'errors', 'size', 'length', 'prototype'],
  ...['href', 'protocol', 'auth', 'path', 'buffer', 'byteLength', 'byteOffset'],
  ...[Symbol.toStringTag, Symbol.iterator, Symbol.hasInstance],
];
const TEXTS: ReadonlySet<PropertyKey> = new Set(['name', 'message', 'stack']);

/**
 * Classes of JavaScript and Node, and their prototypes. Nothing of an app runs where these are read. By name, because a look at
 * all globals would load what Node keeps for later: fetch, streams of the web and HTTP/2, a fifth of a small process's start.
 */
const NODES: ReadonlySet<unknown> = new Set(
  [
    ...[Object, Function, Array, Number, Boolean, String, Symbol, BigInt, OwnDate, RegExp, Promise],
    ...[Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
    ...[ArrayBuffer, SharedArrayBuffer, DataView, Uint8Array, Object.getPrototypeOf(Uint8Array)],
    ...[Int8Array, Uint8ClampedArray, Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array],
    ...[Float64Array, BigUint64Array, BigInt64Array, Map, Set, WeakMap, WeakSet, WeakRef],
    ...[FinalizationRegistry, Buffer, URL, URLSearchParams, DOMException, Event, EventTarget, AbortSignal],
  ].flatMap((each) => [each, each.prototype]),
);
const { toString: sourceOf } = Function.prototype;

/** The text of a value as the console prints it, at most `longest` characters of each text in it. Runs nothing of the app. */
export function inspectQuietly(value: unknown, longest: number): string {
  const walk = { left: MOST_VALUES, seen: new Set<object>() };
  const shown = isQuiet(value, DEPTH + 1, walk)
    ? value
    : quietCopy(value, DEPTH + 1, { left: MOST_VALUES, made: new Map() });
  return inspect(shown, {
    customInspect: false,
    getters: false,
    depth: DEPTH,
    maxArrayLength: MOST_ITEMS,
    maxStringLength: longest,
  });
}

/**
 * A member that is no getter of the app, also an inherited one; undefined for others. The stack of an error is V8's, which
 * makes its text once, for us or for the console.
 */
export function readQuietly(value: object, key: PropertyKey): unknown {
  for (let at: object | null = value; at !== null && !types.isProxy(at); at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found === undefined) continue;
    if (found.get === undefined) return found.value;
    return NODES.has(at) || isNative(found.get) ? found.get.call(value) : undefined;
  }
  return undefined;
}

/** Whether a value is an error, also one that a function of the app's has made without `class`. */
export function isErrorQuietly(value: unknown): value is object {
  if (!isObject(value)) return false;
  for (let at: object | null = value; at !== null && !types.isProxy(at); at = Object.getPrototypeOf(at))
    if (at === Error.prototype || types.isNativeError(at)) return true;
  return false;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isNative(run: unknown): boolean {
  return typeof run === 'function' && !types.isProxy(run) && sourceOf.call(run).endsWith('{ [native code] }');
}

/** Whether `inspect` runs nothing of the app for a value. It goes past the traps of a proxy by itself. */
function isQuiet(value: unknown, levels: number, walk: { left: number; seen: Set<object> }): boolean {
  if (!isObject(value) || types.isProxy(value) || walk.seen.has(value)) return true;
  walk.seen.add(value);
  walk.left -= 1;
  if (walk.left < 0 || !isQuietItself(value)) return false;
  return levels === 0 || itemsOf(value).every((item) => isQuiet(item, levels - 1, walk));
}

function isQuietItself(value: object): boolean {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    if (types.isProxy(at)) return false;
    if (NODES.has(at)) continue;
    for (const key of READ) {
      const found = Object.getOwnPropertyDescriptor(at, key);
      if (found === undefined) continue;
      const { get, value: member } = found;
      if (get !== undefined ? !isNative(get) : isObject(member) && !isQuietMember(key, member)) return false;
    }
  }
  return true;
}

function isQuietMember(key: PropertyKey, member: object): boolean {
  if (key === 'constructor') return isQuietItself(member);
  if (key === Symbol.iterator || key === Symbol.hasInstance) return isNative(member);
  return !TEXTS.has(key); // else it may have a `toString`
}

/** The values that `inspect` shows in a value. */
function itemsOf(value: object): readonly unknown[] {
  const own = ownMembers(value).map(([, member]) => member.value);
  if (types.isMap(value)) return [...own, ...firstOf(Map.prototype.entries.call(value)).flat()];
  if (types.isSet(value)) return [...own, ...firstOf(Set.prototype.values.call(value))];
  return own;
}

function ownMembers(value: object): readonly (readonly [key: PropertyKey, member: PropertyDescriptor])[] {
  if (ArrayBuffer.isView(value)) return [];
  const keys = Array.isArray(value)
    ? Array.from({ length: Math.min(MOST_ITEMS, value.length) }, (_, index) => String(index))
    : Reflect.ownKeys(value);
  return keys.flatMap((key) => {
    const member = Object.getOwnPropertyDescriptor(value, key);
    return member === undefined ? [] : [[key, member] as const];
  });
}

function firstOf<T>(items: Iterable<T>): T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === MOST_ITEMS) break;
    first.push(item);
  }
  return first;
}

/** A value that `inspect` shows nearly as the app's: without its prototypes, and with getters that nobody calls. */
function quietCopy(
  value: unknown,
  levels: number,
  walk: { left: number; made: Map<object, object> },
): unknown {
  if (!isObject(value) || types.isProxy(value)) return value;
  const known = walk.made.get(value);
  if (known !== undefined) return known;
  walk.left -= 1;
  if (walk.left < 0) return undefined;
  const copy = emptyCopy(value);
  walk.made.set(value, copy);
  if (levels === 0 || typeof value === 'function') return copy;
  const inner = (item: unknown) => quietCopy(item, levels - 1, walk);
  if (types.isMap(value))
    for (const [key, item] of firstOf(Map.prototype.entries.call(value)))
      (copy as Map<unknown, unknown>).set(inner(key), inner(item));
  if (types.isSet(value))
    for (const item of firstOf(Set.prototype.values.call(value))) (copy as Set<unknown>).add(inner(item));
  for (const [key, { get, set, enumerable = false, value: item }] of ownMembers(value)) {
    if (types.isNativeError(copy) && TEXTS.has(key)) continue;
    const accessors = { ...(get && { get: nothing }), ...(set && { set: nothing }) };
    const isRead = key === 'constructor' && types.isProxy(item); // by `inspect`, with its traps
    const member = get || set ? accessors : { value: isRead ? undefined : inner(item) };
    Object.defineProperty(copy, key, { ...member, enumerable, configurable: true });
  }
  if (Array.isArray(copy)) copy.length = (value as unknown[]).length;
  return copy;
}

function nothing(): undefined {}

function emptyCopy(value: object): object {
  const name = classNameOf(value);
  if (typeof value === 'function')
    return Object.defineProperty(() => {}, 'name', { value: textOf(value, 'name') });
  if (Array.isArray(value)) return [];
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (isErrorQuietly(value)) {
    const [type, message] = [textOf(value, 'name') || name || 'Error', textOf(value, 'message')];
    const stack = textOf(value, 'stack') || `${type}: ${message}`;
    const texts = Object.entries({ name: type, message, stack });
    const members = texts.map(([key, text]) => [key, { value: text, enumerable: false }]);
    return Object.defineProperties(new Error(message), Object.fromEntries(members));
  }
  if (name === undefined) return Object.create(null);
  const named = { [name]: class {} }[name] as { readonly prototype: object };
  return Object.create(named.prototype);
}

/** The name of a value's class; undefined for an object without a prototype. */
export function classNameOf(value: object): string | undefined {
  if (Object.getPrototypeOf(value) === null) return undefined;
  const ofClass = readQuietly(value, 'constructor');
  return (isObject(ofClass) && textOf(ofClass, 'name')) || 'Object';
}

function textOf(value: object, key: PropertyKey): string {
  const text = readQuietly(value, key);
  return typeof text === 'string' ? text : '';
}
