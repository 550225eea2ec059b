import { parseJson } from '../../lib/text/parse-json.ts';
import type { Finding, FindingCategory } from '../traces/findings/finding.ts';
import { ruleNamed } from '../traces/findings/rules.ts';
import { cutKey } from '../traces/model/shapes.ts';

/** The rule of causes that are errors. Other causes have the name of a finding's rule. */
export const ERROR = 'error';
/** The rule of a queue with more sent messages than processed ones. Only the spans of many traces show it. */
export const GROWING_QUEUE = 'growing-queue';

/** The kind of a request or tool of which only log records tell. */
export const LOG = 'log';

/** What a cause is about, by its rule: a growing queue about time, an error that ends a request about errors. */
export function categoryOf(rule: string): FindingCategory {
  return ruleNamed(rule)?.category ?? (rule === GROWING_QUEUE ? 'time' : 'errors');
}

/** Whether this version has a rule: a file may name one of another version. */
export function isRule(rule: string): boolean {
  return ruleNamed(rule) !== undefined || rule === ERROR || rule === GROWING_QUEUE;
}

/** Whether one occurrence tells what happened, and may be as it should. */
export function isFactAlone({ finding, isFact = false }: ToldAlone): boolean {
  return isFact || finding?.isFact === true || (finding !== undefined && categoryOf(finding.rule) === 'logs');
}

/** What one occurrence says. */
interface ToldAlone {
  readonly finding?: Pick<Finding, 'rule' | 'isFact'>;
  readonly isFact?: boolean;
}

/** The span to blame. */
interface Blamed {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  /** The called host, or an agent's tool, that the name leaves out; empty where there is none. */
  readonly target: string;
}

/** An error, by where it began. */
export interface ErrorKey extends Blamed {
  readonly rule: typeof ERROR;
  /** The exception's type; empty where there is none. */
  readonly type: string;
  /** The shape of the error's message; empty where there is none. */
  readonly message: string;
}

/** A call, request or message of which a rule tells. */
export interface CallKey extends Blamed {
  readonly rule: string;
  /** What the call does, as `shapes.ts` says it: two statements are two problems. Empty where the name says it. */
  readonly shape: string;
  /** Of the rules that blame a caller: its file and function, or its route. A line would make each edit above it a new problem. */
  readonly caller: string;
  /** Whether it stands for those of its family that are not told each for itself. */
  readonly isRest?: true;
}

/** What tells problems apart. */
export type ProblemKey = ErrorKey | CallKey;

/** The key of an error, with long names cut. */
export function errorKey(
  { service, name, kind, target = '' }: Omit<Blamed, 'target'> & Partial<Blamed>,
  { type, message }: Pick<ErrorKey, 'type' | 'message'>,
): ErrorKey {
  const place = { service: cutKey(service), name: cutKey(name), kind };
  return { rule: ERROR, ...place, type: cutKey(type), message, target: cutKey(target) };
}

/** The key of what a rule tells, with long names cut. */
export function callKey(
  rule: string,
  {
    service,
    name,
    kind,
    target = '',
    shape = '',
    caller = '',
  }: Omit<Blamed, 'target'> & Partial<Pick<CallKey, 'target' | 'shape' | 'caller'>>,
): CallKey {
  const place = { service: cutKey(service), name: cutKey(name), kind, target: cutKey(target) };
  return { rule, ...place, shape: cutKey(shape), caller: cutKey(caller) };
}

/** Whether a key is that of an error. */
export function isError(key: ProblemKey): key is ErrorKey {
  return 'message' in key;
}

/** All parts of a key, where those of the other kind are empty. */
export function partsOfKey(key: ProblemKey) {
  return { type: '', message: '', shape: '', caller: '', ...key };
}

/** Equal for problems that differ in their statements, paths or callers alone: of many of them the rest is told as one. */
export function familyOf(key: ProblemKey): string {
  const { rule, service, name, kind, target } = key;
  return JSON.stringify([
    rule,
    service,
    name,
    kind,
    target,
    ...(isError(key) ? [key.type, key.message] : []),
  ]);
}

/** The name of a problem in URLs. Everything of the key is in it, so that a link needs no list of problems. */
export function problemId(key: ProblemKey): string {
  const { rule, service, name, kind, target } = key;
  const own = isError(key) ? [key.type, key.message] : key.isRest ? [] : [key.shape, key.caller];
  const bytes = new TextEncoder().encode(JSON.stringify([rule, service, name, kind, target, ...own]));
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The key of an id. @throws RangeError for a text that is no id */
export function keyOfId(id: string): ProblemKey {
  const parts = partsOfId(id);
  if (![5, 7].includes(parts?.length ?? 0)) throw new RangeError('no id of a problem');
  const [rule = '', service = '', name = '', kind = '', target = '', one = '', other = ''] = parts ?? [];
  const place = { service, name, kind, target };
  if (rule === ERROR) return { rule, ...place, type: one, message: other };
  const isRest = parts?.length === 5;
  return { rule, ...place, shape: one, caller: other, ...(isRest && { isRest }) };
}

function partsOfId(id: string): readonly string[] | undefined {
  try {
    const bytes = Uint8Array.from(atob(id.replaceAll('-', '+').replaceAll('_', '/')), (each) =>
      each.charCodeAt(0),
    );
    const parts = parseJson(new TextDecoder().decode(bytes));
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : undefined;
  } catch {
    return undefined; // not JSON
  }
}
