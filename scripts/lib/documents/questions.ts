import { cell, dateOf } from './results.ts';
import { table } from './table.ts';

const TRACED = '@tandem/telemetry';
const BY_HAND = 'plain plugin + instrumentation-undici';

/** A question that a user asks, and the answer in figures of one result. */
interface Question {
  readonly question: string;
  /** The name of a file of benchmarks/results. */
  readonly result: string;
  /** @param of reads the first number of a cell, by the row's name and the column */
  readonly answer: (of: (name: string, column: string) => string) => string;
}

const QUESTIONS: readonly Question[] = [
  {
    question: 'What does tracing cost a request of three spans, under full load?',
    result: 'overhead',
    answer: (of) =>
      `${of(TRACED, 'added µs')} µs of processor time; the trace by hand costs ${of(BY_HAND, 'added µs')} µs, the lean engine ${of(`${TRACED}, lean engine`, 'added µs')} µs`,
  },
  {
    question: 'How much memory do two services take then?',
    result: 'overhead',
    answer: (of) =>
      `${of(TRACED, 'peak MB')} MB at their peak; by hand ${of(BY_HAND, 'peak MB')} MB, untraced ${of('untraced', 'peak MB')} MB`,
  },
  {
    question: 'How slow is the slowest hundredth of the requests, at 500 requests/s?',
    result: 'overhead-paced',
    answer: (of) =>
      `${of(TRACED, 'p99 ms')} ms; by hand ${of(BY_HAND, 'p99 ms')} ms, untraced ${of('untraced', 'p99 ms')} ms`,
  },
  {
    question: 'How much later do two services listen?',
    result: 'start',
    answer: (of) =>
      `after ${of(TRACED, 'added ms')} ms more of processor time; by hand ${of(BY_HAND, 'added ms')} ms, as \`run\` loads it ${of(`${TRACED} under \`run\``, 'added ms')} ms`,
  },
  {
    question: 'Is every request one whole trace?',
    result: 'pair',
    answer: (of) =>
      `${of('traces of 10000 requests', 'measured')} traces of 10,000 requests, ${of('orphans among their 70000 spans', 'measured')} spans without their parent`,
  },
  {
    question: 'What is lost when the backend is away for a minute?',
    result: 'delivery',
    answer: (of) =>
      `${of('no', 'lost')} spans and log lines; with \`kill -9\` meanwhile, the ${of('yes', 'lost in the 500 ms before kill -9')} of the last 500 ms`,
  },
  {
    question: 'How much does the explorer take, with its sender on the same two cores?',
    result: 'explorer',
    answer: (of) =>
      `${of('ingest, spans/s (at least 60,000)', 'value')} spans/s, or ${of('log records/s over HTTP with gzip (at least 100,000)', 'value')} log records/s; at 1,000 spans/s, nineteen of twenty can be queried within ${of('p95 ms (at most 300)', 'value')} ms`,
  },
  {
    question: 'What does `kill -9` of the explorer lose?',
    result: 'explorer',
    answer: (of) =>
      `${of('of them missing after the restarts (0)', 'value')} of ${of('spans acknowledged before 3 kills -9', 'value')} spans that it had acknowledged; it is back within ${of('restart, ms, longest', 'value')} ms`,
  },
  {
    question: 'How quick is the page with 10 million rows, while more come in?',
    result: 'capacity-page',
    answer: (of) =>
      `the overview takes ${of('start view', 'beside ingest, ms')} ms, the map ${of('map', 'beside ingest, ms')} ms, BubbleUp over whole traces ${of('BubbleUp of traces', 'beside ingest, ms')} ms`,
  },
  {
    question: 'How long does it take from a fresh clone to the first waterfall?',
    result: 'first-waterfall',
    answer: (of) =>
      `${of('cold store: to the waterfall on screen, s (at most 90)', 'value')} s; ${of('warm store: to the waterfall on screen, s, median (at most 10)', 'value')} s where the packages are in the store already`,
  },
];

/** The table of docs/measurements.md: what users ask, with the figures of the last results. */
export function questionTable(): string {
  const rows = QUESTIONS.map(({ question, result, answer }) => [
    question,
    answer((name, column) => firstNumber(cell(result, name, column))),
    `[${result}](../benchmarks/results/${result}.json), ${dateOf(result)}`,
  ]);
  return table(['Question', 'Measured', 'Result'], rows);
}

/** `1.27 (1.20 … 1.37)` as `1.27`, `96292` as `96,292`. */
function firstNumber(text: string): string {
  const [number = text] = /^[\d.]+/.exec(text) ?? [];
  return number.includes('.') ? number : Number(number).toLocaleString('en');
}
