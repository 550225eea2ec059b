import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import t from 'tap';
import { parseFault } from '../../packages/service-kit/src/faults.ts';
import { summarizeSql, withoutValues } from '../../packages/telemetry/src/guest/published/sql-text.ts';
import { redactUrl } from '../../packages/telemetry/src/process/secrets/redaction.ts';
import { logSafeUrl, withoutSecrets } from '../../packages/telemetry/src/process/secrets/secrets.ts';
import { parseHost, splitTarget } from '../../packages/telemetry/src/road/http/http-url.ts';
import { parseTraceparent } from '../../packages/telemetry/src/road/http/traceparent.ts';
import { W3CTraceState } from '../../packages/telemetry/src/road/http/tracestate.ts';
import { parseHoneycombKey } from '../../packages/telemetry/src/service/doctor/honeycomb/key-form.ts';
import { findTraceId } from '../../packages/trace-explorer/src/core/command/client/wanted-trace-id.ts';
import { stackLines } from '../../packages/trace-explorer/src/core/command/terminal/log-line.ts';
import { isReserved, knownAttribute } from '../../packages/trace-explorer/src/core/conventions/attributes.ts';
import { thresholdRate } from '../../packages/trace-explorer/src/core/fields/sample-rate.ts';
import { isCut } from '../../packages/trace-explorer/src/core/fields/truncate.ts';
import { tokenize } from '../../packages/trace-explorer/src/core/query/parse/expression/tokens.ts';
import { notUnderstood } from '../../packages/trace-explorer/src/core/receiver/decode/not-understood.ts';
import { masked } from '../../packages/trace-explorer/src/core/redaction/masked.ts';
import { looksSecret } from '../../packages/trace-explorer/src/core/redaction/named-fields.ts';
import { secretFormOf } from '../../packages/trace-explorer/src/core/redaction/secret-forms.ts';
import { SecretValues } from '../../packages/trace-explorer/src/core/redaction/secret-values.ts';
import { explainOwnTime } from '../../packages/trace-explorer/src/core/traces/findings/own-time.ts';
import { reads, saysNothing } from '../../packages/trace-explorer/src/core/traces/findings/words.ts';
import { messageShape } from '../../packages/trace-explorer/src/core/traces/model/shapes.ts';
import { readStack } from '../../packages/trace-explorer/src/core/traces/model/stack-frames.ts';
import { readTraceReference } from '../../packages/trace-explorer/src/core/traces/model/trace-reference.ts';
import { bearerToken } from '../../packages/trace-explorer/src/http/bearer-token.ts';
import { hostTest } from '../../packages/trace-explorer/src/http/host-names.ts';
import {
  escapeUnseen,
  harmlessLine,
  harmlessLines,
  markdownText,
  shellWord,
  visibleName,
} from '../../packages/trace-explorer/src/lib/text/harmless-text.ts';
import { isLoopbackHost } from '../../packages/trace-explorer/src/lib/text/loopback.ts';
import { parseJson } from '../../packages/trace-explorer/src/lib/text/parse-json.ts';
import { quoted, slugOf } from '../../packages/trace-explorer/src/lib/text/words.ts';
import { prettyValue } from '../../packages/trace-explorer/src/page/values/pretty-value.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import { ROOT } from '../helpers/processes.ts';

// At night too: how the time of a text grows with its length.

/** All that reads somebody else's text with patterns of JavaScript. Patterns of DuckDB are RE2's, which are linear. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'verify: a secret': (text) => secretFormOf('note', text),
  'verify: a secret by its name': (text) => secretFormOf('password', text),
  'a secret name': looksSecret,
  'redaction of one value': (text) => redact(['hunter2222', 'a.'.repeat(60)], text),
  'redaction of a long value': (text) => redact([`${text}b`], text),
  'harmless lines': harmlessLines,
  'a harmless line': harmlessLine,
  'a visible name': visibleName,
  'escaped JSON': escapeUnseen,
  'a word for a shell': shellWord,
  Markdown: markdownText,
  'variable parts of messages': messageShape,
  'a stack': readStack,
  'a stack below a log line': (text) =>
    stackLines({ attributes: { 'exception.stacktrace': text } } as unknown as Parameters<
      typeof stackLines
    >[0]),
  'a name in a finding': (text) => [quoted(text), reads(text), saysNothing(text)],
  'own time': (text) =>
    explainOwnTime(JSON.stringify({ waited: 0, beside: 0, ran: [{ function: text, share: 0.5 }] })),
  'SQL for reading': (text) => prettyValue('db.query.text', text),
  'names of attributes': (text) => [knownAttribute(text), isReserved(text)],
  'a sampling threshold': (text) => [
    thresholdRate(text, '0af7651916cd43dd'),
    thresholdRate(`ot=${text}`, '0af7651916cd43dd'),
  ],
  'a cut text': isCut,
  'a text for others': masked,
  JSON: (text) => parseJson(text),
  'a body that is no OTLP': (text) => notUnderstood(Buffer.from(text), ['traces']),
  'an expression of a query': tokenize,
  'a reference to a trace': (text) => [readTraceReference(text), findTraceId(text)],
  'headers of the explorer': (text) => [bearerToken(text), hostTest(['a'])(text), isLoopbackHost(text)],
  'a name of a file': slugOf,
  'log-safe text': withoutSecrets,
  'a log-safe URL': logSafeUrl,
  'a key of Honeycomb': parseHoneycombKey,
  MySQL: (text) => [withoutValues(text), summarizeSql(text)],
  'a request target': (text) => [splitTarget(text), redactUrl(text), redactUrl(`http://a/?sig=&${text}`)],
  'a Host header': (text) => parseHost(text, 'http'),
  'the context of a trace': (text) => [parseTraceparent(text), new W3CTraceState(text)],
  'a fault': parseFault,
};

function redact(values: readonly string[], text: string): string {
  const secrets = new SecretValues();
  for (const value of values) secrets.add(value);
  return secrets.redact(`${text}c`);
}

/** What hostile texts repeat: each character of ASCII, and parts of what the patterns look for. */
const PARTS = [
  ...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)),
  ...[
    '\n',
    '\r\n',
    '\t',
    'a.',
    'a ',
    'A ',
    'eyJ-',
    'eyJaaaaaaaa.',
    '-----BEGIN ',
    'hcaik_',
    'sk-',
    'ghp_',
    'x@',
    '%41',
  ],
  ...[
    '&amp;',
    '\\u0041',
    'from ',
    'join a ',
    'and ',
    ' or',
    '?a=',
    '&a=b',
    '//',
    'a://',
    'a://:',
    'a:',
    ' at (',
    'at a:1:',
  ],
  ...[
    'Bearer ',
    'Basic a',
    'password',
    'password=',
    'password:',
    '"password" : ',
    'cookie: a',
    'aaaaaaaa-aaaa-',
    '--',
    '/*',
  ],
  ...[
    '\n  File "',
    '\t/a:1',
    '.Get',
    '[1234567890123456',
    '":',
    '…',
    'É',
    '\u200b',
    '😀',
    '${',
    'a=b ',
    '\\"',
    "''",
  ],
];
/** Characters of the shorter text: few first, so that a pattern in cubic time fails soon. */
const LENGTHS = [400, 4_000];
/** What ends a text. */
const ENDS = ['', 'a', '!', '\n'];

/** Processor time in milliseconds. */
function timeOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Less than so many milliseconds says nothing about growth: a longer text takes no time either. */
const LITTLE_MS = 5;
/** Less than so many milliseconds may be an interruption: then an eightfold text tells growth. */
const NOISE_MS = 400;

/** The readers of the explorer's parts lie with the tests of each, so that they go with it. */
const ofParts = await Promise.all(
  globSync('packages/trace-explorer/test/parts/*/readers.ts', { cwd: ROOT }).map(
    async (path): Promise<{ readers: typeof READERS }> => import(pathToFileURL(join(ROOT, path)).href),
  ),
);

const all = [READERS, ...ofParts.map(({ readers }) => readers)];

/** Characters that say no more than another one of their kind. */
const LIKE_OTHERS = /^[02-9B-Zb-z]$/;
/** Characters of a text by day: a pattern in cubic time needs minutes for them, a linear one no time. */
const LONG = 8_000;
/** Milliseconds for all texts of a reader by day: a machine that is busy does not need them, and a cubic pattern never ends. */
const ENDLESS_MS = 60_000;
const looking = createContext({ look() {} });

for (const [name, read] of all.flatMap(Object.entries<(text: string) => unknown>)) {
  const tolerant = (text: string) => {
    try {
      read(text);
    } catch {
      // A refused text is read, too.
    }
  };
  if (!IS_NIGHT)
    t.test(`reading a long text has an end: ${name}`, async (t) => {
      let last = '';
      looking.look = () => {
        for (const part of PARTS) {
          if (LIKE_OTHERS.test(part)) continue;
          last = part;
          tolerant(`${part.repeat(LONG / part.length)}!`);
        }
      };
      try {
        runInContext('look()', looking, { timeout: ENDLESS_MS });
      } catch {
        return t.fail(`no end: ${JSON.stringify(last)} …`);
      }
      t.pass('each text was read');
    });
  else
    t.test(`twice the text takes about twice the time: ${name}`, async (t) => {
      for (const length of LENGTHS)
        for (const part of PARTS) {
          // What a text with another end took, whose growth was looked at: no slower one is to be found in less.
          let looked = LITTLE_MS;
          for (const end of ENDS) {
            const text = (of: number) => part.repeat(Math.ceil(of / part.length)).slice(0, of) + end;
            const time = (of: number) => timeOf(() => tolerant(text(of)));
            // Most texts take no time, and are read once.
            const first = time(2 * length);
            if (first < looked) continue;
            looked = 1.5 * first;
            const best = (of: number) => Math.min(...[1, 2, 3, 4, 5].map(() => time(of)));
            const [once, twice] = [best(length), best(2 * length)];
            if (twice < LITTLE_MS || twice <= 3 * once) continue;
            if (twice < NOISE_MS && best(8 * length) <= 3 ** 3 * best(length)) continue;
            return t.fail(`${JSON.stringify(part)} … ${JSON.stringify(end)}: ${once} ms, then ${twice} ms`);
          }
        }
      t.pass('each text was read');
    });
}
