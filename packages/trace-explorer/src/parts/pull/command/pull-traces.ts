import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import { withEqualNames } from '../../../core/conventions/attributes.ts';
import type { Pulled } from '../../../core/fields/pulled.ts';
import { PULL_NAME } from '../../../core/fields/pulled.ts';
import { keyValue } from '../../../core/files/foreign/otlp-json.ts';
import { isNamed, looksSecret } from '../../../core/redaction/named-fields.ts';
import { redactDocument } from '../../../core/redaction/redact-document.ts';
import { RUN_ID } from '../../../core/runs/run-fields.ts';
import { counted, listed, quoted } from '../../../lib/text/words.ts';
import { countOf, numberOf, textOf } from '../clickhouse/cells.ts';
import { ratesOf, weightsOf } from '../clickhouse/choose.ts';
import type { Engine } from '../clickhouse/engine.ts';
import type { Rule, WantedTraces } from '../clickhouse/statements.ts';
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
import { documentsOf } from '../file/documents.ts';
import { LOGS, SPANS } from '../file/items.ts';
import { writePulled } from '../file/write-run.ts';

/** Routes whose figures the file has. */
const SHOWN_ROUTES = 200;
/** Mebibytes of all documents: a run file unpacks to 1 GiB at most. */
const MOST_MIB = 960;

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
export async function pullTraces(engine: Engine, given: WantedTraces, plan: Plan): Promise<Pulled> {
  const { name, logs, redact, say, signal } = plan;
  const { words } = given.where ?? {};
  const rootless = await engine.all(anyRootlessSql(given));
  const asked = { ...given, hasRootless: rootless.length > 0 };
  const { all, routes } = await readFigures(engine, asked);
  if (all.traces === 0)
    throw new CliError(
      `No trace begins in this range${words === undefined ? '' : `, of ${words}`}. Choose another one with --since and --until.`,
    );
  await sayNames(engine, asked, plan, all.traces);
  const { rule, weights } = await choose(engine, asked, routes, plan);
  const origin = { [RUN_ID]: randomUUID(), 'vcs.ref.head.revision': name, [PULL_NAME]: name };
  const shape = {
    weights,
    origin: Object.entries(origin).map(([key, value]) => keyValue(key, value)),
    guessed: new Set<string>(),
    traces: new Set<string>(),
    wrong: 0,
  };
  const answers = [
    documentsOf(SPANS, engine.rows(spansSql(asked, rule)), asked.table, shape),
    ...(logs ? [documentsOf(LOGS, engine.rows(logsSql(logs, asked, rule)), logs, shape)] : []),
  ];
  let part: string | undefined;
  /** The documents until an answer ends early, with values left out before a byte is written. */
  async function* documents(): AsyncGenerator<string> {
    let bytes = 0;
    try {
      for (const answer of answers)
        for await (const document of answer) {
          const line = redact.length === 0 ? document : `${await redactDocument(document, redact)}\n`;
          bytes += Buffer.byteLength(line);
          if (bytes > MOST_MIB * 2 ** 20)
            throw new CliError(`The rest would make the file larger than ${MOST_MIB} MiB.`);
          yield line;
        }
    } catch (error) {
      if (!(error instanceof CliError || error instanceof RangeError || signal.aborted)) throw error;
      const { message } = Object(error);
      part = signal.aborted
        ? 'it was stopped'
        : message.replace(/\.$/, '').replace(/^(?:The|A|It) /, (begin: string) => begin.toLowerCase());
    }
  }
  const file = join(plan.folder, 'documents.jsonl');
  await pipeline(documents, createWriteStream(file, { mode: 0o600 }));
  const { guessed, traces, wrong } = shape;
  if (traces.size === 0 && part !== undefined) throw new CliError(`No trace came: ${part}.`);
  if (wrong > 0) say(`${counted(wrong, 'row')} without a usable time or id are left out.`);
  if (guessed.size > 0)
    say(
      `The table has text alone. By the conventions these became numbers or booleans: ${listed([...guessed].sort())}.`,
    );
  const pulled: Pulled = {
    ...{ name, start: Number(asked.from) / 1e9, end: Number(asked.to) / 1e9 },
    ...{ traces: all.traces, spans: all.spans, pulled: traces.size },
    ...(words !== undefined && { where: words }),
    ...(part !== undefined && { part }),
    routes: routes.slice(0, SHOWN_ROUTES).map(({ key: _, ...route }) => route),
    more_routes: Math.max(0, all.routes - SHOWN_ROUTES),
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
async function readFigures(engine: Engine, asked: WantedTraces) {
  const rows = await engine.all(figuresSql(asked));
  const routes = rows.map(([service, name, key, requests, errors, quantiles]) => {
    const [p50_ms = 0, p90_ms = 0, p99_ms = 0] = [quantiles].flat().map(numberOf);
    return {
      ...{ key: textOf(key), service: textOf(service), name: textOf(name) },
      ...{ requests: countOf(requests), errors: countOf(errors), p50_ms, p90_ms, p99_ms },
    };
  });
  const [traces = 0, spans = 0, count = 0] = rows[0]?.slice(6).map(countOf) ?? [];
  return { routes, all: { traces, spans, routes: count } };
}

/** Which traces come, by which rule, and how many each stands for. */
async function choose(engine: Engine, asked: WantedTraces, routes: Figures['routes'], { most, slow }: Plan) {
  const bounds = {
    slow: new Map(routes.map(({ key, p99_ms }) => [key, slow ?? p99_ms])),
    othersSlow: slow ?? 1e18,
  };
  const strata = (await engine.all(classesSql(asked, bounds))).map(([kind, key, traces]) => {
    return { kind: countOf(kind), key: textOf(key), traces: countOf(traces) };
  });
  const { rates, sizes } = ratesOf(strata, most);
  const rule: Rule = { ...bounds, rates, most };
  const chosen = (await engine.all(chosenSql(asked, rule))).map(([, id, kind, rate]) => {
    return { id: textOf(id), kind: countOf(kind), rate: countOf(rate) };
  });
  return { rule, weights: weightsOf(chosen, sizes) };
}

/** Says which fields look secret, before any of them comes. */
async function sayNames(
  engine: Engine,
  asked: WantedTraces,
  { redact, say }: Plan,
  traces: number,
): Promise<void> {
  const given = redact.flatMap(withEqualNames);
  const names = (await engine.all(namesSql(asked, traces)))
    .map(([name]) => textOf(name))
    .filter((name) => looksSecret(name) && !isNamed(name, given));
  if (names.length > 0)
    say(
      `These fields look secret: ${names.map((name) => quoted(name)).join(', ')}. --redact NAME leaves their values out of the file.`,
    );
}

/** What the engine expects to read for one of a pull's statements, which are of one range. */
export async function estimate(engine: Engine, asked: WantedTraces): Promise<string[]> {
  const rows = await engine.all(`EXPLAIN ESTIMATE ${figuresSql(asked)}`);
  return rows.map(
    ([database, table, parts, read, marks]) =>
      `A statement of this range would read ${counted(countOf(read), 'row')} of ${textOf(database)}.${textOf(table)} (${counted(countOf(marks), 'granule')} of ${counted(countOf(parts), 'part')}). A pull has about eight.`,
  );
}
