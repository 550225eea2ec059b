import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startExplorer } from '../lib/explorer-process.ts';
import { installFolder } from '../lib/install-folder.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import type { App } from './apps.ts';
import { readApps, runApp, startStores } from './apps.ts';
import type { Answer, Asked } from './ask.ts';
import { askAgent, askLog, askTools, toolCharacters } from './ask.ts';

/** The options it takes. */
export const usage = `[--agent COMMAND] [--app NAME]
  --agent COMMAND   asks a coding agent too, which gets the question on standard input, or where COMMAND says {question}
  --app NAME        only this app, and nothing is recorded; may be repeated`;

/** Lines by which an answer may be off. */
const OFF = 2;

/** What is wrong with an app; of the kind `none` nothing. */
interface Fault {
  readonly kind: string;
  readonly file?: string;
  readonly line?: number;
}

/** What was written before anything was asked, and the rules by which the tools say a kind. */
const EXPECTED: {
  readonly kinds: Readonly<Record<string, readonly string[]>>;
  readonly apps: Readonly<Record<string, Fault>>;
} = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8'));

/** Measures whether an agent finds the planted faults of small apps: `node tandem bench agents`. */
export default async function agents(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { agent: { type: 'string' }, app: { type: 'string', multiple: true } },
  });
  installFolder(import.meta.dirname);
  const ends: (() => unknown)[] = [];
  const t = { teardown: (end: () => unknown) => void ends.unshift(end) };
  try {
    const stores: Readonly<Record<string, string>> = await startStores(t);
    const apps = readApps().filter(({ name }) => values.app?.includes(name) ?? true);
    const asked = apps.filter(({ needs }) => needs.every((need) => stores[need] !== undefined));
    const rows = [];
    for (const app of asked) {
      const own = await measure(app, stores, values.agent);
      console.log(app.name, ...own.map(({ by, found }) => `${by}: ${found}`));
      rows.push(...own);
    }
    console.table(rows);
    const sums = [...Map.groupBy(rows, ({ by }) => by)].map(([by, own]) => ({ by, ...sumUp(own) }));
    console.table(sums);
    const explorer = await startExplorer(t, { LOG_LEVEL: 'info' });
    const sizes = [
      { tools: 'the first three', characters: await toolCharacters(explorer.origin) },
      { tools: 'all', characters: await toolCharacters(explorer.origin, true) },
    ];
    console.table(sizes);
    if (values.app === undefined)
      recordMeasurements({
        name: 'agents',
        title: 'Agents: planted faults that a fixed plan of calls finds',
        command: 'node tandem bench agents',
        tables: [sums, rows, sizes],
        notes: [
          `${apps.length} apps, each with one planted fault or none, and two lures: a slow call that is no fault, a 404 that is right. Each ran under run with an explorer of its own, then once more without for its log.`,
          `${values.agent === undefined ? 'No model was asked.' : 'A coding agent was asked, too.'} The plan asks what_is_wrong of the last run, and get_trace where one of the first causes has no line. found: file, line (within 2) and kind are as in expected.json, which was written first. place only: another kind. The log is scored by file and line alone. A cause without a place in the app, or outside of it, is no answer.`,
          `The load of the last 15 minutes was ${Math.round(loadavg()[2] ?? 0)} at the end: other programs used the machine.`,
          ...(asked.length < apps.length
            ? [
                `Left out, without their stores: ${apps
                  .filter((app) => !asked.includes(app))
                  .map(({ name }) => name)
                  .join(', ')}.`,
              ]
            : []),
        ],
      });
  } finally {
    for (const end of ends) await end();
  }
}

async function measure(app: App, stores: Readonly<Record<string, string>>, agent: string | undefined) {
  const ends: (() => unknown)[] = [];
  try {
    const explorer = await startExplorer({ teardown: (end) => void ends.unshift(end) });
    await runApp(app, stores, new URL(explorer.origin).port);
    const log = await runApp(app, stores);
    return [
      score(app, 'tools', await askTools(explorer.origin)),
      score(app, 'log', askLog(app, log)),
      ...(agent === undefined
        ? []
        : [score(app, 'agent', await askAgent(agent, app, explorer.origin, Object.keys(EXPECTED.kinds)))]),
    ];
  } finally {
    for (const end of ends) await end();
  }
}

function score({ name }: App, by: string, { answers, characters, calls }: Asked) {
  const { kind, ...fault } = EXPECTED.apps[name] ?? { kind: 'none' };
  const at = ({ file, line }: Answer) =>
    fault.file === file && Math.abs(line - (fault.line ?? Number.NaN)) <= OFF;
  const rules = [kind, ...(EXPECTED.kinds[kind] ?? [])];
  const isRight = (answer: Answer) =>
    at(answer) && (answer.kinds?.some((kind) => rules.includes(kind)) ?? true);
  const first = answers.findIndex(isRight);
  return {
    app: name,
    kind,
    by,
    found: kind === 'none' ? '–' : first >= 0 ? 'found' : answers.some(at) ? 'place only' : 'missed',
    'as answer': first + 1,
    answers: answers.length,
    right: answers.filter(isRight).length,
    calls,
    characters,
  };
}

function sumUp(rows: readonly ReturnType<typeof score>[]) {
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + of(row), 0);
  const faults = rows.filter(({ kind }) => kind !== 'none');
  const [found, answers] = [faults.filter((row) => row.found === 'found').length, sum((row) => row.answers)];
  return {
    faults: faults.length,
    found,
    'found first': faults.filter((row) => row['as answer'] === 1).length,
    'place only': faults.filter((row) => row.found === 'place only').length,
    recall: Math.round((100 * found) / faults.length) / 100,
    answers,
    precision: Math.round((100 * sum(({ right }) => right)) / answers) / 100,
    'quiet without a fault': rows.filter(({ kind, answers }) => kind === 'none' && answers === 0).length,
    characters: Math.round(sum(({ characters }) => characters) / rows.length),
  };
}
