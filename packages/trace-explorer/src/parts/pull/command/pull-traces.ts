import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import { withEqualNames } from '../../../core/conventions/attributes.ts';
import type { Pulled } from '../../../core/fields/pulled.ts';
import { PULL_NAME } from '../../../core/fields/pulled.ts';
import { keyValue } from '../../../core/files/foreign/otlp-json.ts';
import { isNamed, looksSecret } from '../../../core/redaction/named-fields.ts';
import { RUN_ID } from '../../../core/runs/run-fields.ts';
import { counted, listed, quoted } from '../../../core/shared/words.ts';
import type { Chosen, Stratum } from '../clickhouse/choose.ts';
import { ratesOf, weightsOf } from '../clickhouse/choose.ts';
import type { Engine } from '../clickhouse/engine.ts';
import { text } from '../clickhouse/sql.ts';
import type { Asked, Rule } from '../clickhouse/statements.ts';
import {
  anyRootlessSql,
  chosenSql,
  classesSql,
  figuresSql,
  logsSql,
  namesSql,
  OWN_ROUTES,
  spansSql,
} from '../clickhouse/statements.ts';
import type { Table } from '../clickhouse/tables.ts';
import { logDocuments, MOST_ROWS, spanDocuments } from '../file/documents.ts';
import { writeDocuments, writeRunFile } from '../file/write-run.ts';

/** Routes whose figures the file has. */
const SHOWN_ROUTES = 200;
const LONGEST_NAME = 150;
/** Traces in which names that look secret are looked for. */
const LOOKED_AT = 5_000;
const SECRET_FORM = '(?i)(authorization|cookie|passw|secret|token|credential|api.?key|session.?id)';

/** What becomes of a pull. */
interface Plan {
  readonly logs?: Table | undefined;
  readonly most: number;
  readonly slow?: number | undefined;
  readonly redact: readonly string[];
  readonly name: string;
  /** `traces that touch checkout`. */
  readonly words?: string | undefined;
  /** The file, and a folder for what comes first. */
  readonly path: string;
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Counts, chooses and reads, and writes the run file. What came of an answer that ended early is in the file, which says so.
 * @throws CliError where nothing came
 */
export async function pullTraces(engine: Engine, given: Asked, plan: Plan): Promise<Pulled> {
  const rootless = await engine.all(anyRootlessSql(given));
  const asked = { ...given, hasRootless: rootless.length > 0 };
  const figures = await readFigures(engine, asked);
  if (figures.traces === 0) throw new CliError('No trace begins in this range.');
  await sayNames(engine, asked, plan, figures.traces);
  const { rule, chosen, sizes } = await choose(engine, asked, figures.routes, plan);
  const id = randomUUID();
  const origin = { [RUN_ID]: id, 'vcs.ref.head.revision': plan.name, [PULL_NAME]: plan.name };
  const shape = {
    weights: weightsOf(chosen, sizes),
    origin: Object.entries(origin).map(([key, value]) => keyValue(key, value)),
    guessed: new Set<string>(),
    traces: new Set<string>(),
    counts: { spans: 0, logs: 0, wrong: 0 },
  };
  const file = join(plan.folder, 'documents.jsonl');
  const written = { bytes: 0 };
  let part: string | undefined;
  /** The documents until an answer ends early. */
  async function* whole(documents: AsyncIterable<string>): AsyncGenerator<string> {
    try {
      yield* documents;
    } catch (error) {
      if (plan.signal.aborted) part = 'it was stopped';
      else if (error instanceof CliError) part = error.message.replace(/\.$/, '').replace(/^The /, 'the ');
      else throw error;
    }
  }
  const reads = [spanDocuments(engine.rows(spansSql(asked, rule)), shape)];
  if (plan.logs) reads.push(logDocuments(engine.rows(logsSql(plan.logs, asked, rule)), shape));
  for (const documents of reads)
    if (part === undefined && !(await writeDocuments(file, whole(documents), plan.redact, written)))
      part = 'the rest would make the file larger than 960 MiB';
  const { counts, guessed, traces } = shape;
  if (counts.spans === 0 && part !== undefined) throw new CliError(`No trace came: ${part}.`);
  if (counts.spans === MOST_ROWS || counts.logs === MOST_ROWS)
    part ??= `it ends after ${counted(MOST_ROWS, 'row')}`;
  if (counts.wrong > 0) plan.say(`${counted(counts.wrong, 'row')} without a usable time or id are left out.`);
  if (guessed.size > 0)
    plan.say(
      `The table has text alone. By the conventions these became numbers or booleans: ${listed([...guessed].sort())}.`,
    );
  const pulled: Pulled = {
    ...{ name: plan.name, start: Number(asked.from) / 1e9, end: Number(asked.to) / 1e9 },
    ...{ traces: figures.traces, spans: figures.spans, pulled: traces.size },
    ...(plan.words !== undefined && { where: plan.words }),
    ...(part !== undefined && { part }),
    routes: figures.routes.slice(0, SHOWN_ROUTES).map(({ key: _, ...route }) => route),
    more_routes: Math.max(0, figures.routes.length - SHOWN_ROUTES),
  };
  const facts = {
    ...origin,
    'process.command_line': `trace-explorer pull ${plan.name}`,
    'tandem.run.start': new Date(1000 * pulled.start).toISOString(),
    'tandem.run.traces': traces.size,
    'tandem.run.tests': 0,
    'tandem.pull.traces': pulled.traces,
    'tandem.pull.spans': pulled.spans,
    ...(pulled.where !== undefined && { 'tandem.pull.where': pulled.where }),
    ...(part !== undefined && { 'tandem.pull.part': part }),
  };
  await writeRunFile(plan.path, facts, pulled, file);
  return pulled;
}

type Figures = Awaited<ReturnType<typeof readFigures>>;

/** What the engine counts: exact. */
async function readFigures(engine: Engine, asked: Asked) {
  const rows = await engine.all(figuresSql(asked));
  const routes = rows.map(([service, name, key, requests, errors, quantiles]) => {
    const [p50_ms = 0, p90_ms = 0, p99_ms = 0] = [quantiles].flat().map(Number);
    const place = {
      service: String(service).slice(0, LONGEST_NAME),
      name: String(name).slice(0, LONGEST_NAME),
    };
    return {
      key: String(key),
      ...place,
      requests: Number(requests),
      errors: Number(errors),
      p50_ms,
      p90_ms,
      p99_ms,
    };
  });
  const [traces = 0, spans = 0] = rows[0]?.slice(6) ?? [];
  return { routes, traces: Number(traces), spans: Number(spans) };
}

/** Which traces come: the rule, the chosen ones, and the number of traces of each class. */
async function choose(engine: Engine, asked: Asked, routes: Figures['routes'], { most, slow }: Plan) {
  const first = routes.slice(0, OWN_ROUTES);
  const bounds = { slow: slow ?? new Map(first.map(({ key, p99_ms }) => [key, p99_ms])) };
  const keys = first.map(({ key }) => key);
  const classes = await engine.all(classesSql(asked, bounds, keys));
  const strata = classes.map(([kind, key, traces]): Stratum => {
    return { kind: Number(kind), key: key === '0' ? '' : String(key), traces: Number(traces) };
  });
  const { sizes, ...rates } = ratesOf(strata, most);
  const rule: Rule = { ...bounds, ...rates, most };
  const rows = await engine.all(chosenSql(asked, rule));
  const chosen = rows.map(
    ([, id, kind, rate]): Chosen => ({ id: String(id), kind: Number(kind), rate: Number(rate) }),
  );
  return { rule, sizes, chosen };
}

/** Says which fields look secret, before any of them comes. */
async function sayNames(engine: Engine, asked: Asked, { redact, say }: Plan, traces: number): Promise<void> {
  const oneIn = Math.ceil(traces / LOOKED_AT);
  const rows = await engine.all(namesSql(asked, text(SECRET_FORM), oneIn));
  const given = redact.flatMap(withEqualNames);
  const names = rows
    .map(([name]) => String(name))
    .filter((name) => looksSecret(name) && !isNamed(name, given));
  if (names.length > 0)
    say(
      `These fields look secret: ${names.map((name) => quoted(name)).join(', ')}. --redact NAME leaves values out.`,
    );
}

/** What the engine expects to read for its figures and for the spans. */
export async function estimate(engine: Engine, asked: Asked, most: number): Promise<string[]> {
  const rule: Rule = { slow: new Map(), rates: new Map(), others: [1n, 1n, 1n], most };
  const lines: string[] = [];
  for (const [what, sql] of [
    ['figures', figuresSql(asked)],
    ['spans', spansSql(asked, rule)],
  ] as const) {
    const rows = await engine.all(`EXPLAIN ESTIMATE ${sql}`);
    for (const [database, table, parts, read, marks] of rows)
      lines.push(
        `${what}: ${database}.${table}, ${counted(Number(read), 'row')} in ${counted(Number(marks), 'granule')} of ${counted(Number(parts), 'part')}`,
      );
  }
  return lines;
}
