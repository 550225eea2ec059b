import { gzipSync } from 'node:zlib';
import { encodeExportResponse } from '@tandem/otlp';
import t from 'tap';
import { readAnswer } from '../../../src/road/delivery/read-answer.ts';

const read = (body: string | Uint8Array) => readAnswer(Buffer.from(body));
const partial = (rejected: number, errorMessage: string) =>
  encodeExportResponse('traces', { rejected, errorMessage }, 'protobuf');

t.test('empty answers, and those of OTLP without a word, are a success', async (t) => {
  for (const body of ['', ' \r\n', '{}', '\n{ }\n', '{"partialSuccess":{}}', '{"partialSuccess":null}'])
    t.same(read(body), {}, JSON.stringify(body));
  t.same(read('{"status":"ok"}'), {}, 'JSON without partialSuccess');
  t.same(read(Buffer.from([0x0a, 0x00])), {}, 'an empty partial_success');
  t.same(read(Buffer.from([0x12, 0x01, 0x78])), {}, 'a field that is not known yet');
});

t.test('rejected items are counted, in protobuf and in JSON of each signal', async (t) => {
  const expected = { cause: 'partly-rejected', rejected: 3, detail: 'quota' };
  t.same(read(partial(3, 'quota')), expected);
  t.same(read(partial(3, '')), { cause: 'partly-rejected', rejected: 3 });
  for (const signal of ['traces', 'logs', 'metrics'] as const)
    t.same(
      read(encodeExportResponse(signal, { rejected: 3, errorMessage: 'quota' }, 'json')),
      expected,
      signal,
    );
  t.same(read('{"partialSuccess":{"rejectedSpans":3,"errorMessage":"quota"}}'), expected, 'a plain number');
});

t.test('no rejected items and a text are a warning', async (t) => {
  t.same(read(partial(0, 'name missing')), { cause: 'warned', detail: 'name missing' });
  for (const count of ['0', '-2', '"x"', '"1e999"', '{}', '[3]', 'null', '0.5'])
    t.same(
      read(`{"partialSuccess":{"rejectedSpans":${count},"errorMessage":"m"}}`),
      { cause: 'warned', detail: 'm' },
      count,
    );
  t.same(read('{"partialSuccess":{"rejectedSpans":"x","errorMessage":{}}}'), {});
});

t.test('a page is told by its beginning, whatever its length, and named by its title', async (t) => {
  for (const [body, detail] of [
    ['<!doctype html><title>Sign in</title>', 'HTML: Sign in'],
    ['\ufeff<!DOCTYPE html>\n<TITLE lang="en">\n Sign in </TITLE>', 'HTML: Sign in'],
    ['\n  <html>login</html>', 'HTML'],
    ['\r\n<?xml version="1.0"?><soap/>', 'HTML'],
    ['<title></title>', 'HTML'],
    [`<html><title>Sign in</title>${'<p>'.repeat(100_000)}`, 'HTML: Sign in'],
    ['<title'.repeat(100_000), 'HTML'],
  ] as const)
    t.same(read(body), { cause: 'web-page', detail }, body.slice(0, 60));
});

t.test('protobuf that looks like the beginning of a page is protobuf', async (t) => {
  // A line break is the tag of partial_success, and `<` its length of 60 bytes.
  const answer = partial(0, 'x'.repeat(58));
  t.equal(Buffer.from(answer).toString().slice(0, 2), '\n<');
  t.match(read(answer), { cause: 'warned', detail: 'x'.repeat(58) });
});

t.test('any other answer is unclear, and quoted where people can read it', async (t) => {
  for (const body of ['ok', 'OK\n', 'accepted', 'a12345678', '[]', '"ok"', 'true', '{"partialSuccess"'])
    t.same(read(body), { cause: 'unclear', detail: body });
  for (const body of [
    gzipSync('ok'),
    Buffer.alloc(10, 0xff),
    Buffer.alloc(100_000, 0x0a),
    partial(3, 'm').subarray(0, 3),
  ])
    t.same(read(body), { cause: 'unclear' });
  t.match(read('long '.repeat(20_000)), { cause: 'unclear', detail: /^long/ });
});
