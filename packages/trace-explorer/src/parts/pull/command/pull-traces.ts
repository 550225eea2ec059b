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
import type { Asked, Rule } from '../clickhouse/statements.ts';
import {
  anyRootlessSql,
  chosenSql,
  classesSql,
  figuresSql,
  logsSql,
  namesSql,
  spansSql,
} from '../clickhouse/statements.ts';
import type { Table } from '../clickhouse/tables.ts';
import { documentsOf, MOST_ROWS } from '../file/documents.ts';
import { LOGS, SPANS } from '../file/items.ts';
import { writeDocuments, writePulled } from '../file/write-run.ts';

/** Routes whose figures the file has. */
const SHOWN_ROUTES = 200;

/** What becomes of a pull. */
interface Plan {
  readonly logs?: Table | undefined;
  readonly most: number;
  readonly slow?: number | undefined;
  readonly redact: readonly string[];
  readonly name: string;
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
  const { name, logs, say, folder } = plan;
  const { words } = given.where ?? {};
  const rootless = await engine.all(anyRootlessSql(given));
  const asked = { ...given, hasRootless: rootless.length > 0 };
  const figures = await readFigures(engine, asked);
  if (figures.traces === 0)
    throw new CliError(
      `No trace begins in this range${words === undefined ? '' : `, of ${words}`}. Choose another one with --since and --until.`,
    );
  await sayNames(engine, asked, plan, figures.traces);
  const { rule, weights } = await choose(engine, asked, figures.routes, plan);
  const origin = { [RUN_ID]: randomUUID(), 'vcs.ref.head.revision': name, [PULL_NAME]: name };
  const shape = {
    weights,
    origin: Object.entries(origin).map(([key, value]) => keyValue(key, value)),
    guessed: new Set<string>(),
    traces: new Set<string>(),
    counts: { spans: 0, logs: 0, wrong: 0 },
  };
  let part: string | undefined;
  /** The documents until an answer ends early. */
  async function* documents(): AsyncGenerator<string> {
    try {
      const { table } = asked;
      yield* documentsOf(SPANS, engine.rows(spansSql(asked, rule)), table.columns.keys(), shape);
      if (logs !== undefined)
        yield* documentsOf(LOGS, engine.rows(logsSql(logs, asked, rule)), logs.columns.keys(), shape);
    } catch (error) {
      if (plan.signal.aborted) part = 'it was stopped';
      else if (error instanceof CliError)
        part = error.message.replace(/\.$/, '').replace(/^(?:The|A) /, (begin) => begin.toLowerCase());
      else throw error;
    }
  }
  const file = join(folder, 'documents.jsonl');
  if (!(await writeDocuments(file, documents(), plan.redact)))
    part = 'the rest would make the file larger than 960 MiB';
  const { counts, guessed, traces } = shape;
  if (counts.spans === 0 && part !== undefined) throw new CliError(`No trace came: ${part}.`);
  if (counts.spans === MOST_ROWS || counts.logs === MOST_ROWS)
    part ??= `it ends after ${counted(MOST_ROWS, 'row')}`;
  if (counts.wrong > 0) say(`${counted(counts.wrong, 'row')} without a usable time or id are left out.`);
  if (guessed.size > 0)
    say(
      `The table has text alone. By the conventions these became numbers or booleans: ${listed([...guessed].sort())}.`,
    );
  const pulled: Pulled = {
    ...{ name, start: Number(asked.from) / 1e9, end: Number(asked.to) / 1e9 },
    ...{ traces: figures.traces, spans: figures.spans, pulled: traces.size },
    ...(words !== undefined && { where: words }),
    ...(part !== undefined && { part }),
    routes: figures.routes.slice(0, SHOWN_ROUTES).map(({ key: _, ...route }) => route),
    more_routes: Math.max(0, figures.allRoutes - SHOWN_ROUTES),
  };
  const facts = {
    ...origin,
    'process.command_line': `trace-explorer pull ${name}`,
    'tandem.run.start': new Date(1000 * pulled.start).toISOString(),
    'tandem.run.traces': traces.size,
    'tandem.run.tests': 0,
  };
  await writePulled(plan.path, facts, pulled, file);
  return pulled;
}

type Figures = Awaited<ReturnType<typeof readFigures>>;

/** What the engine counts: exact. */
async function readFigures(engine: Engine, asked: Asked) {
  const rows = await engine.all(figuresSql(asked));
  const routes = rows.map(([service, name, key, requests, errors, quantiles]) => {
    const [p50_ms = 0, p90_ms = 0, p99_ms = 0] = [quantiles].flat().map(Number);
    return {
      ...{ key: String(key), service: String(service), name: String(name) },
      ...{ requests: Number(requests), errors: Number(errors), p50_ms, p90_ms, p99_ms },
    };
  });
  const [traces = 0, spans = 0, allRoutes = 0] = rows[0]?.slice(6).map(Number) ?? [];
  return { routes, traces, spans, allRoutes };
}

/** Which traces come, by which rule, and how many each stands for. */
async function choose(engine: Engine, asked: Asked, figures: Figures['routes'], { most, slow }: Plan) {
  const classes = {
    slow: slow ?? new Map(figures.map(({ key, p99_ms }) => [key, p99_ms])),
    routes: figures.map(({ key }) => key),
  };
  const strata = (await engine.all(classesSql(asked, classes))).map(([kind, key, traces]): Stratum => {
    return { kind: Number(kind), key: String(key), traces: Number(traces) };
  });
  const { rates, sizes } = ratesOf(strata, most);
  const rule: Rule = { ...classes, rates, most };
  const chosen = (await engine.all(chosenSql(asked, rule))).map(([, id, kind, rate]): Chosen => {
    return { id: String(id), kind: Number(kind), rate: Number(rate) };
  });
  return { rule, weights: weightsOf(chosen, sizes) };
}

/** Says which fields look secret, before any of them comes. */
async function sayNames(engine: Engine, asked: Asked, { redact, say }: Plan, traces: number): Promise<void> {
  const rows = await engine.all(namesSql(asked, traces));
  const given = redact.flatMap(withEqualNames);
  const names = rows
    .map(([name]) => String(name))
    .filter((name) => looksSecret(name) && !isNamed(name, given));
  if (names.length > 0)
    say(
      `These fields look secret: ${names.map((name) => quoted(name)).join(', ')}. --redact NAME leaves their values out of the file.`,
    );
}

/** What the engine expects to read for one of a pull's statements, which are of one range. */
export async function estimate(engine: Engine, asked: Asked): Promise<string[]> {
  const rows = await engine.all(`EXPLAIN ESTIMATE ${figuresSql(asked)}`);
  return rows.map(
    ([database, table, parts, read, marks]) =>
      `A statement of this range would read ${counted(Number(read), 'row')} of ${database}.${table} (${counted(Number(marks), 'granule')} of ${counted(Number(parts), 'part')}). A pull has about eight.`,
  );
}
