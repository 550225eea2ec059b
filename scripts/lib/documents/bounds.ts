import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/root.ts';
import { table } from './table.ts';

const EXPLORER = 'packages/trace-explorer/src/';
const DECODE = 'packages/otlp/src/limits.ts';
const INTAKE = `${EXPLORER}core/receiver/intake.ts`;
const ROWS = `${EXPLORER}core/receiver/decode/decode-parts.ts`;
const SAVED = `${EXPLORER}core/saved-trace/saved-trace.ts`;
const BATCH = `${EXPLORER}core/store/rows/batch.ts`;
const CONVERSATION = `${EXPLORER}parts/agents/page/read.ts`;

/** What is limited, the limit in words with its constants, and what happens beyond it. */
type Bound = readonly [what: string, most: string, beyond: string];

/** What the explorer takes. */
const TAKEN: readonly Bound[] = [
  [
    'a body, also after decompression',
    `${mib(INTAKE, 'MAX_BODY_BYTES')}; an imported document ${mib(INTAKE, 'MAX_BODY_BYTES', of(INTAKE, 'DOCUMENT_FACTOR'))}`,
    '413 (gRPC: RESOURCE_EXHAUSTED)',
  ],
  [
    'a request',
    `${figure(DECODE, 'maxItems')} spans or log records; ${figure(DECODE, 'maxGroups')} resources and scopes, with ${figure(DECODE, 'maxSharedValues')} attributes and values`,
    '413',
  ],
  [
    'one span or log record',
    `${figure(DECODE, 'maxItemValues')} events, links, attributes and nested values, to ${figure(DECODE, 'MAX_VALUE_DEPTH')} levels`,
    'refuses the span',
  ],
  ['one span or log record with its resource and scope', mib(ROWS, 'maxItemBytes'), 'refuses the span'],
  ['one resource or scope', `${figure(DECODE, 'maxItemValues')} attributes and values`, '413'],
  [
    'the rows of one span: itself, each event and each link, each with fields of its resource and scope',
    mib(ROWS, 'maxItemRowBytes'),
    'refuses the span',
  ],
  [
    'the rows of a request',
    `${figure(ROWS, 'maxRowValues')} values, ${mib(ROWS, 'maxRowBytes')}`,
    'refuses the rest of the spans',
  ],
  [
    'bodies that arrive at one time',
    `${mib(INTAKE, 'MAX_ARRIVING_BYTES')}, and as much again of imported documents`,
    '503 with Retry-After',
  ],
  [
    'large bodies under way at one time',
    `${figure(INTAKE, 'MAX_LARGE')} of more than ${of(`${EXPLORER}core/receiver/body.ts`, 'SMALL_BYTES') / 1024} KiB`,
    'the next one waits',
  ],
  [
    'connections, on the three ports together',
    "half of the process's file descriptors (`ulimit -n`)",
    'closed at once',
  ],
  [
    'time in which a request arrives',
    `${of(`${EXPLORER}http/request-limits.ts`, 'REQUEST_TIMEOUT_MS') / 1000} s, a third of it for its headers`,
    '408',
  ],
  [
    'names of fields that queries know',
    figure(`${EXPLORER}core/store/table/catalogue.ts`, 'MAX_NAMES'),
    'keeps a further name only in its spans, and a notice says so',
  ],
  [
    'fields with a column of their own',
    `${figure(`${EXPLORER}core/store/options.ts`, 'maxColumns')}; those that came first`,
    'one column for all further fields: queries of them are slower, and a notice says so',
  ],
  [
    'texts of one span that queries see',
    `${of(BATCH, 'longBytes') / 1024} KiB of long ones, then ${figure(BATCH, 'SHORT_TEXT_BYTES')} bytes of each; ${of(BATCH, 'maxBytes') / 1024} KiB in all`,
    '[long texts](#long-texts)',
  ],
  [
    'an imported saved page, unpacked',
    `${mib(SAVED, 'bytes')}; ${figure(SAVED, 'objects')} objects and lists`,
    'refused',
  ],
  [
    'time of a query, of BubbleUp and of `sample`',
    `${of(`${EXPLORER}core/query/run/run-query.ts`, 'TIMEOUT_MS') / 1000} s`,
    '504, or 503 where others were in the way',
  ],
];

/** What the page shows at once. */
const SHOWN: readonly Bound[] = [
  ['spans of one trace', figure(`${EXPLORER}core/traces/read/read-records.ts`, 'MAX_TRACE_SPANS'), 'says so'],
  ['links of one trace', figure(`${EXPLORER}core/traces/model/outline.ts`, 'MOST_LINKS'), 'the first'],
  [
    'log lines read with a trace',
    figure(`${EXPLORER}parts/trace/page/log-pane/use-trace-logs.ts`, 'MAX_LINES'),
    'the Logs view has the rest',
  ],
  ['log lines of one search', figure(`${EXPLORER}parts/logs/page/log-pages.ts`, 'MOST_LINES'), 'narrow it'],
  [
    'log lines per 0.1 s while following',
    figure(`${EXPLORER}core/logs/tail-routes.ts`, 'MAX_LOGS'),
    'says how many it skipped',
  ],
  [
    'services drawn together on the map',
    `${figure(`${EXPLORER}parts/map/page/index.tsx`, 'MOST_SERVICES')}, with at most ${figure(`${EXPLORER}parts/map/page/index.tsx`, 'MOST_CALLS')} calls`,
    'the worst service with its callers and callees',
  ],
  [
    'traces in the list of a problem',
    figure(`${EXPLORER}parts/causes/server/schemas.ts`, 'MOST_LISTED'),
    'the newest',
  ],
  [
    "log records that tell of agents' failures",
    figure(`${EXPLORER}parts/causes/server/agent-errors.ts`, 'MOST'),
    'the newest',
  ],
  [
    'a conversation',
    `${figure(CONVERSATION, 'MOST_TRACES')} traces of at most ${figure(CONVERSATION, 'MOST_SPANS')} spans, ${figure(CONVERSATION, 'MOST_MIB')} MiB together`,
    'counts the others; of one larger trace, each call has its messages in its own panel',
  ],
  [
    'spans for which a list computes own times and corrects clocks',
    `${figure(`${EXPLORER}core/traces/list/summaries.ts`, 'MAX_LISTED_SPANS')} of all its traces`,
    'a larger trace has its other figures',
  ],
];

/** A table of docs/reference/limits.md: what the explorer takes, or what the page shows, with the figures of the code. */
export function boundTable(which: 'taken' | 'shown'): string {
  return which === 'taken'
    ? table(['What', 'At most', 'Beyond it'], TAKEN)
    : table(['On the page', 'At most', 'Beyond it'], SHOWN);
}

/** The number that a constant or a member of a constant has in a file: `4 * 1024`, `1_000`. @throws Error when there is none */
function of(path: string, name: string): number {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const [, product = ''] =
    new RegExp(`\\b${name}(?:: number)?(?: =|:) ([\\d_]+(?: \\* [\\d_]+)*)(?![\\w.])`).exec(text) ?? [];
  if (product === '') throw new Error(`${path} has no number ${name}, which docs/reference/limits.md tells.`);
  return product.split(' * ').reduce((result, factor) => result * Number(factor.replaceAll('_', '')), 1);
}

function figure(path: string, name: string): string {
  return of(path, name).toLocaleString('en');
}

function mib(path: string, name: string, factor = 1): string {
  const size = (of(path, name) * factor) / 2 ** 20;
  return size < 1024 ? `${size} MiB` : `${size / 1024} GiB`;
}
