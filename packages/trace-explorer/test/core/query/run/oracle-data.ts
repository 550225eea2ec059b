import { SeededRandom } from '@tandem/otlp/testing';
import type { FieldType } from '../../../../src/core/fields/field-type.ts';
import type { TestRow } from './duckdb-source.ts';

/** Seconds since the epoch at which the rows begin; not on a minute, so that first buckets are partial. */
export const BEGIN = 1_763_620_010;
/** Seconds that the rows spread over. */
export const LENGTH = 3_600;

/** Names of every kind: plain, reserved in JavaScript, and SQL. */
export const TYPES: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ['name', 'string'],
  ['duration_ms', 'float'],
  ['http.status', 'integer'],
  ['error', 'boolean'],
  ['mixed', 'string'],
  ['severity', 'string'],
  ['severity_code', 'integer'],
  ['body', 'string'],
  ['app.now', 'string'],
  ['__proto__', 'string'],
  ['"; DROP TABLE spans; --', 'integer'],
]);

const NAMES = ['GET /', 'GET /ä', 'POST /', '😀', 'Zebra', 'alpha', ''];
const SEVERITIES = ['info', 'warn', 'error'];
const BODIES = ['order taken', 'payment failed', 'Order 7 taken', '', '{"msg":"ä"}'];
/** What a field holds whose type changed: numbers, booleans and words, all as text. */
const MIXED = ['200', '1.5', '-3', '1e3', 'abc', 'true', 'false', '', ' 7', '0x10', 'Infinity', '200.0'];

/** Rows of which some stand for several events, as samplers with rates by route leave them. */
export function sampledRows(rows: readonly TestRow[]): TestRow[] {
  const random = new SeededRandom(16);
  return rows.map((row) => (random.chance(0.6) ? { ...row, rate: random.pick([2, 3, 10, 1000]) } : row));
}

/** Rows of every null and type mix, some of them log records, which have no name and no duration. Floats are quarters, so that sums are exact in any order. */
export function oracleRows(seed: number, count: number): TestRow[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => {
    const offset = BigInt(Math.floor(random.next() * LENGTH * 1e6)) * 1000n;
    const maybe = <T>(share: number, value: () => T): T | undefined =>
      random.chance(share) ? value() : undefined;
    const isLog = random.chance(0.2);
    const code = random.below(SEVERITIES.length);
    const fields: Record<string, string | number | boolean | undefined> = {
      severity: isLog ? SEVERITIES[code] : undefined,
      severity_code: isLog ? code * 4 + 9 : undefined,
      body: isLog ? maybe(0.9, () => random.pick(BODIES)) : undefined,
      name: maybe(isLog ? 0 : 0.9, () => random.pick(NAMES)),
      duration_ms: maybe(isLog ? 0 : 0.9, () => random.below(random.chance(0.05) ? 4_000_000 : 4_000) / 4),
      'http.status': maybe(0.6, () => random.pick([200, 204, 404, 500, 0, -1])),
      error: maybe(0.5, () => random.chance(0.3)),
      mixed: maybe(0.7, () => random.pick(MIXED)),
      'app.now': maybe(0.1, () => '2026-11-20T07:00:00Z'),
      '"; DROP TABLE spans; --': maybe(0.5, () => random.below(5)),
    };
    const proto = maybe(0.3, () => random.pick(['polluted', 'clean']));
    const withProto = Object.defineProperty(fields, '__proto__', { value: proto, enumerable: true });
    return {
      time: BigInt(BEGIN) * 1_000_000_000n + offset,
      dataset: random.pick(['api', 'lookup']),
      fields: withProto,
    };
  });
}
