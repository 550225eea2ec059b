import { Readable } from 'node:stream';
import t from 'tap';
import { documentPlaces } from '../../../src/core/files/reading/document-places.ts';
import { readTraceReference } from '../../../src/core/traces/model/trace-reference.ts';
import type { SpanRecord } from '../../../src/core/traces/read/span-record.ts';
import { buildTree } from '../../../src/core/traces/tree/tree.ts';
import {
  escapeUnseen,
  harmless,
  harmlessJson,
  harmlessLines,
  visibleName,
  withoutCommands,
} from '../../../src/lib/text/harmless-text.ts';
import { parseJson } from '../../../src/lib/text/parse-json.ts';
import { placed, span } from '../../core/traces/make-span.ts';

const critical = (...spans: SpanRecord[]) =>
  Object.fromEntries(placed(buildTree(spans)).map(({ span_id, critical_ms }) => [span_id, critical_ms]));

t.test('a trace waits for the child that finished last, then for the one before it', async (t) => {
  const times = critical(
    span('root', '', 0, 100),
    span('first', 'root', 10, 40),
    span('hidden', 'root', 15, 35),
    span('last', 'root', 50, 90),
    span('inner', 'last', 60, 80),
  );
  t.strictSame(times, { root: 30, first: 30, hidden: 0, last: 20, inner: 20 });
});

t.test('children count only as far as they lie within their parent', async (t) => {
  const times = critical(
    span('root', '', 0, 100),
    span('outlives', 'root', 80, 300),
    span('after', 'root', 150, 160),
    span('before', 'root', -20, 10),
  );
  t.strictSame(times, { before: 10, root: 70, outlives: 20, after: 0 });
});

/** The documents of a text that comes in pieces of so many bytes. */
async function documentsIn(text: string, pieceBytes: number): Promise<string[]> {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const documents: string[] = [];
  for await (const { from, to } of documentPlaces(Readable.from(pieces)))
    documents.push(bytes.toString('utf8', from, to));
  return documents;
}

t.test('each document of a file is found, whatever its lines and however its bytes come', async (t) => {
  const one = '{"a":[{"b":"} {"},\n{"c":"\u2028é"}]}';
  for (const pieceBytes of [1, 2, 7, 1000]) {
    t.strictSame(await documentsIn(`${one}\n`, pieceBytes), [`${one}\n`], 'one over two lines');
    t.strictSame(await documentsIn(`${one}\n{}\r\n\n \t${one}`, pieceBytes), [
      `${one}\n`,
      '{}\r\n\n \t',
      one,
    ]);
    t.strictSame(await documentsIn('[1,\n2]', pieceBytes), ['[1,\n2]'], 'no documents');
    t.strictSame(await documentsIn('', pieceBytes), ['']);
  }
});

t.test(
  'integers that a double cannot hold are the text of their digits, all else is as JSON has it',
  async (t) => {
    const text = `{"a":9007199254740993,"b":[-9223372036854775808,9007199254740992,1e400,0.1,${'9'.repeat(400)}],"c":"x"}`;
    t.same(parseJson(text), {
      a: '9007199254740993',
      b: [-(2 ** 63), 9_007_199_254_740_992, Number.POSITIVE_INFINITY, 0.1, '9'.repeat(400)],
      c: 'x',
    });
    t.same(Object.keys(parseJson('{"__proto__":1}') as object), ['__proto__'], 'a name like any other');
    t.throws(() => parseJson('{'), { name: 'SyntaxError' });
  },
);

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

t.test('a trace is found in whatever a person copied', async (t) => {
  const at = { traceId, spanId };
  t.same(readTraceReference(` ${traceId}\n`), { traceId });
  t.same(readTraceReference(traceId.toUpperCase()), { traceId });
  t.same(readTraceReference('0af76519-16cd-43dd-8448-eb211c80319c'), { traceId }, 'as a UUID');
  t.same(readTraceReference(`00-${traceId}-${spanId}-01`), at, 'traceparent');
  t.same(readTraceReference(`traceresponse: 00-${traceId}-${spanId}-01`), at);
  t.same(readTraceReference(`traceresponse: 00-${traceId}--01`), { traceId }, 'without a span');
  t.same(readTraceReference(`Server-Timing: total;dur=4, traceparent;desc="00-${traceId}-${spanId}-01"`), at);
  t.same(readTraceReference(`server-timing: trace;desc=00-${traceId}-${spanId}-01`), at);
  t.same(
    readTraceReference(`HTTP/1.1 200 OK\nvary: origin\ntraceresponse: 00-${traceId}-${spanId}-01\n`),
    at,
  );
  t.same(readTraceReference('Root=1-58406520-a006649127e371903a2de979;Sampled=1'), {
    traceId: '58406520a006649127e371903a2de979',
  });
  t.same(readTraceReference(`http://localhost:4319/trace/${traceId}?span=${spanId}`), at);
  t.same(
    readTraceReference(
      `https://ui.honeycomb.io/team/environments/test/trace?trace_id=${traceId}&span=${spanId}`,
    ),
    at,
  );
});

t.test('an id of 64 bits is one in a link', async (t) => {
  const short = 'f798a1e7f33c8af6';
  t.same(readTraceReference(`http://localhost:4319/trace/${short}?span=${spanId}`), {
    traceId: short,
    spanId,
  });
  t.same(readTraceReference(`https://ui.honeycomb.io/team/trace?trace_id=${short}`), { traceId: short });
  t.equal(readTraceReference(short), undefined, 'alone it may be the beginning of another');
});

t.test('what names no trace is not taken for one', async (t) => {
  for (const text of [
    '',
    'home',
    traceId.slice(1),
    `${traceId}0`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    '0'.repeat(32),
  ]) {
    t.equal(readTraceReference(text), undefined, text);
  }
  t.same(readTraceReference(`00-${traceId}-${'0'.repeat(16)}-01`), { traceId }, 'the span of zeros is none');
});

t.test('a name is shown as it is: by code points where nothing of it can be seen', async (t) => {
  t.equal(visibleName('GET /home ä 👩‍💻'), 'GET /home ä 👩‍💻');
  t.equal(visibleName(''), '(no name)');
  t.equal(visibleName('\u202eevil\u0007'), '⟨U+202E⟩evil⟨U+0007⟩');
  t.equal(visibleName(' \u3000'), '⟨U+0020⟩⟨U+3000⟩');
  t.equal(visibleName('\u200b'.repeat(9)), '⟨U+200B⟩⟨U+200B⟩⟨U+200B⟩⟨U+200B⟩…');
});

const HIDDEN =
  '\u001b\u009b\u00ad\u061c\u200b\u200c\u200d\u200e\u202e\u2028\u2060\u2061\u2064\u2066\u206a\u206f\ufeff\u{e0041}';

t.test('joiners stay where they join, and signs before numbers stay', (t) => {
  for (const name of ['نامه\u200cای', 'क्\u200dष', '👩\u200d💻', '❤️\u200d🔥', '👩🏽\u200d🚀', '\u0600١'])
    t.equal(harmless(name), name, name);
  for (const joiner of ['\u200c', '\u200d']) {
    t.equal(harmless(`${joiner}ن`), '\ufffdن');
    t.equal(harmless(`ن${joiner}`), 'ن\ufffd');
    t.equal(harmless(`ن${joiner}${joiner}ن`), 'ن\ufffd\ufffdن');
    t.equal(visibleName(`ad${joiner}min`), `ad⟨U+200${joiner === '\u200c' ? 'C' : 'D'}⟩min`);
  }
  t.end();
});

t.test('nothing that a terminal executes, turns or hides goes to it', (t) => {
  for (const character of HIDDEN) {
    const name = `U+${character.codePointAt(0)?.toString(16)}`;
    t.equal(harmless(`a${character}b`), 'a\ufffdb', name);
    t.equal(harmlessLines(`a\n${character}b`), 'a\n\ufffdb', name);
    const escaped = escapeUnseen(`{"a":"${character}"}\n`);
    t.match(escaped, /^[\x20-\x7e]*\n$/, name);
    if (character !== '\u001b') t.same(JSON.parse(escaped), { a: character }, name);
  }
  t.end();
});

t.test('a line is no command for the program that reads the output of a job', async (t) => {
  const hostile = ['::error file=a,line=1::x', '  ::set-output name=a::b', 'a ##[error]b', '##vso[task.x]b'];
  const lines = withoutCommands(hostile.join('\n')).split('\n');
  for (const line of lines) t.notMatch(line, /^\s*::|##\[|##vso/);
  t.equal(lines.length, hostile.length);
  t.equal(withoutCommands('std::vector\n## Title [a]\n'), 'std::vector\n## Title [a]\n');
  t.notMatch(harmlessJson(hostile), '##[');
  t.same(JSON.parse(harmlessJson(hostile)), hostile);
});
