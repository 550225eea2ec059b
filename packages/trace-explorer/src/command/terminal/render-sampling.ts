import type { Told } from '../../places/sampling-words.ts';
import { foundWords, isGone, keptWords } from '../../places/sampling-words.ts';
import type { SamplingReport, Trial, Volume } from '../../sampling/schemas.ts';
import { harmlessLine } from '../../shared/harmless-text.ts';
import { counted } from '../../shared/words.ts';
import { alignedLines, markdownText } from './terminal-text.ts';

interface Options {
  readonly markdown: boolean;
  readonly compare: boolean;
}

/** Lines of a list here; --json has all. */
const SHOWN = 10;

/** The events that rules keep, cost and lose: a table for each list. */
export function renderSampling(report: SamplingReport, { markdown, compare }: Options): string {
  const { all, hours, short, sampled, logs, trials, suggestion } = report;
  const write = new Writer(markdown);
  write.title(`Sampling, tried on ${counted(all.traces, 'trace')} of ${hoursOf(hours)}`);
  write.line(
    `${volumeWords(all)}: ${round(all.events_month)} events a month at this rate${short ? '. The range has less than an hour, so figures of a month say little' : ''}.`,
  );
  if (sampled)
    write.line(`Some spans stand for several already: ${round(all.events_weighted)} events before.`);
  if (logs > 0)
    write.line(
      `Not counted: ${counted(logs, 'log record')}. Honeycomb counts each as an event, and these rules drop none.`,
    );
  if (compare || trials.length > 1)
    write.table(
      [
        'Rules',
        'Traces',
        'Events',
        'Events a month',
        'GB a month',
        'Errors lost',
        'Causes gone',
        'Routes gone',
      ],
      trials.map(({ name, kept, lost }) => [
        name,
        share(kept.traces, all.traces),
        share(kept.events, all.events),
        round(kept.events_month),
        kept.gb_month.toFixed(2),
        `${round(lost.errors.lost)} of ${lost.errors.traces}`,
        String(lost.causes.filter(isGone).length),
        String(lost.routes.length),
      ]),
    );
  if (!compare) for (const trial of trials) writeTrial(write, trial, all);
  if (suggestion !== undefined)
    write.line(
      suggestion.reached
        ? `Suggested: ${round(suggestion.events_month)} events a month.`
        : `The budget is not reached: errors and slow traces alone are more. Suggested: ${round(suggestion.events_month)} events a month.`,
    );
  return write.text();
}

function writeTrial(write: Writer, trial: Trial, all: Volume): void {
  const { name, notes, kept, least, most, rules, lost, figures, weights } = trial;
  write.title(name, 2);
  write.line(
    `Kept: ${share(kept.traces, all.traces)} of the traces, ${share(kept.events, all.events)} of the events; ${round(kept.events_month)} events and ${kept.gb_month.toFixed(2)} GB a month.`,
  );
  if (least !== undefined && most !== undefined)
    write.line(
      `From ${round(least.events_month)} to ${round(most.events_month)} events a month, as chance or the policies that are not modelled decide.`,
    );
  for (const note of notes) write.item(note);
  write.table(
    ['Rule', 'Traces', 'Kept', 'Events kept'],
    rules
      .slice(0, SHOWN)
      .map((each) => [each.rule || 'no rule', ...[each.traces, each.kept, each.events].map(round)]),
  );
  write.title('Lost', 3);
  write.line(`Traces with an error: ${round(lost.errors.lost)} of ${lost.errors.traces}.`);
  const { causes, causes_looked: looked, causes_of: of } = lost;
  if (causes.length > 0) write.line(`Causes, looked for in ${looked} of ${counted(of, 'trace')}:`);
  for (const cause of causes.slice(0, SHOWN)) {
    const at = cause.routes[0] === undefined ? '' : ` on ${cause.routes[0]}`;
    write.item(
      `${cause.sentence}${at} is ${foundWords(cause.gone, percent)}: ${round(cause.lost)} of ${counted(cause.traces, 'trace')} dropped`,
    );
  }
  for (const { service, route, traces, gone } of lost.routes.slice(0, SHOWN))
    write.item(
      `No trace of ${service} ${route}${gone > 0.99 ? '' : ` (${percent(gone)})`}: ${counted(traces, 'trace')} dropped`,
    );
  for (const { service, route, over_ms, traces, lost: gone } of lost.slow.slice(0, SHOWN))
    write.item(
      `${service} ${route}, over ${round(over_ms)} ms: ${round(gone)} of ${counted(traces, 'slow trace')} dropped`,
    );
  const { users } = lost;
  if (users.of > 0)
    write.line(`Users without a trace (${users.field}): ${round(users.gone)} of ${users.of}.`);
  write.title(
    weights
      ? 'Figures from kept spans, with the interval to expect'
      : 'Figures from kept spans, which have no weights',
    3,
  );
  write.table(
    ['Route', 'COUNT', 'from kept', 'Error rate', 'from kept', 'P95 ms', 'from kept'],
    figures
      .slice(0, SHOWN)
      .map(({ service, route, count, error_rate, p95_ms }) => [
        `${service} ${route}`,
        ...pair(count, round),
        ...pair(error_rate, percent),
        ...pair(p95_ms, round),
      ]),
  );
}

/** Gathers lines of plain text or Markdown. */
class Writer {
  readonly #lines: string[] = [];
  readonly #markdown: boolean;

  constructor(markdown: boolean) {
    this.#markdown = markdown;
  }

  title(text: string, level = 1): void {
    this.#lines.push(
      '',
      this.#markdown ? `${'#'.repeat(level + 1)} ${markdownText(text)}` : harmlessLine(text),
      '',
    );
  }

  line(text: string): void {
    this.#lines.push(this.#safe(text), ...(this.#markdown ? [''] : []));
  }

  item(text: string): void {
    this.#lines.push(`${this.#markdown ? '- ' : '  - '}${this.#safe(text)}`);
  }

  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const cells = [head, ...rows].map((row) => row.map((each) => this.#safe(each)));
    if (this.#markdown) {
      const lines = cells.map((row) => `| ${row.join(' | ')} |`);
      lines.splice(1, 0, `|${' --- |'.repeat(head.length)}`);
      this.#lines.push('', ...lines, '');
      return;
    }
    this.#lines.push('', ...alignedLines(cells), '');
  }

  text(): string {
    return `${this.#lines
      .join('\n')
      .replace(/\n{3,}/gu, '\n\n')
      .trim()}\n`;
  }

  #safe(text: string): string {
    return this.#markdown ? markdownText(text) : harmlessLine(text);
  }
}

function pair(figure: Told, word: (value: number) => string): [string, string] {
  return [word(figure.truth), keptWords(figure, word)];
}

function volumeWords({ events, spans, span_events, links }: Volume): string {
  return `${round(events)} events (${counted(spans, 'span')}, ${counted(span_events, 'span event')}, ${counted(links, 'link')})`;
}

function hoursOf(hours: number): string {
  if (hours < 1 / 60) return counted(Math.round(3600 * hours), 'second');
  return hours < 1 ? counted(Math.round(60 * hours), 'minute') : counted(Math.round(10 * hours) / 10, 'hour');
}

function share(part: number, of: number): string {
  return `${round(part)} (${percent(of === 0 ? 0 : part / of)})`;
}

function percent(ratio: number): string {
  return `${(100 * ratio).toLocaleString('en-US', { maximumSignificantDigits: 3 })} %`;
}

/** Three digits of a small number, a whole large number. */
function round(value: number): string {
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
