import t from 'tap';
import type { OtlpEncoding } from '../src/decode.ts';
import { decodeTraces } from '../src/decode.ts';
import { LimitError } from '../src/errors.ts';
import { tracesToJson } from '../src/json/encode-request.ts';
import type { DecodeLimits } from '../src/limits.ts';
import type { DecodedTraces } from '../src/messages/trace.ts';
import { encodeTraces } from '../src/protobuf/encode-request.ts';
import { encodeResource } from '../src/protobuf/encode-resource.ts';
import type { PlainSpan, PlainValue } from '../testing/index.ts';
import { decoded, message } from '../testing/index.ts';

const ENCODINGS: readonly OtlpEncoding[] = ['protobuf', 'json'];

function encoded(traces: DecodedTraces, encoding: OtlpEncoding): Uint8Array {
  return encoding === 'protobuf'
    ? encodeTraces(traces)
    : Buffer.from(JSON.stringify(tracesToJson(traces.scopeSpans)));
}

function body(spans: readonly PlainSpan[], encoding: OtlpEncoding): Uint8Array {
  return encoded(decoded(spans), encoding);
}

function namesOf({ scopeSpans }: DecodedTraces): string[] {
  return scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name));
}

/** Decodes with a small limit, which the good span beside the bad one keeps. */
function limited(spans: readonly PlainSpan[], encoding: OtlpEncoding, limits: Partial<DecodeLimits>) {
  const traces = decodeTraces(body([...spans, { name: 'good' }], encoding), encoding, limits);
  return { names: namesOf(traces), rejected: traces.rejectedCount, reason: traces.rejectedReason };
}

t.test(
  'a span with too many events, links, attributes or values is left out, the others are read',
  async (t) => {
    const many = Array.from({ length: 3_000 }, (_, n) => n);
    const large: Readonly<Record<string, PlainSpan>> = {
      events: { events: many.map((n) => ({ name: `e${n}` })) },
      links: { links: many.map(() => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16) })) },
      attributes: { attributes: Object.fromEntries(many.map((n) => [`k${n}`, n])) },
      values: { attributes: { list: many } },
      'values within values': { attributes: { map: { map: { list: many } } } },
      'attributes of events': {
        events: [{ name: 'e', attributes: Object.fromEntries(many.map((n) => [`k${n}`, n])) }],
      },
    };
    for (const encoding of ENCODINGS) {
      for (const [what, span] of Object.entries(large)) {
        t.strictSame(
          limited([span], encoding, { maxItemValues: 500 }),
          {
            names: ['good'],
            rejected: 1,
            reason:
              'resourceSpans[0].scopeSpans[0].spans[0]: the span has more than 500 events, links, attributes and values',
          },
          `${what}, ${encoding}`,
        );
      }
    }
  },
);

t.test(
  'values within values have as many levels in both encodings, so that what is stored can be read',
  async (t) => {
    for (const nest of [
      (inner: PlainValue): PlainValue => [inner],
      (inner: PlainValue): PlainValue => ({ map: { k: inner } }),
    ]) {
      for (const innermost of [[], { map: {} }, null, 1]) {
        for (const levels of [98, 99, 100, 101, 102]) {
          let value: PlainValue = innermost;
          for (let level = 0; level < levels; level++) value = nest(value);
          const [protobuf, json] = ENCODINGS.map((encoding) =>
            limited([{ name: 'deep', attributes: { value } }], encoding, {}),
          );
          t.strictSame(json, protobuf, `${levels} levels around ${JSON.stringify(innermost)}`);
        }
      }
    }
  },
);

t.test('too many spans, resources, scopes or shared attributes refuse the request', async (t) => {
  for (const encoding of ENCODINGS) {
    const refused = (spans: readonly PlainSpan[], limits: Partial<DecodeLimits>, reason: RegExp) => {
      t.throws(() => decodeTraces(body(spans, encoding), encoding, limits), LimitError, encoding);
      t.throws(() => decodeTraces(body(spans, encoding), encoding, limits), { message: reason }, encoding);
    };
    refused([{}, {}, {}], { maxItems: 2 }, /more than 2 spans/);
    const services = [{ service: 'a' }, { service: 'b' }];
    refused(services, { maxGroups: 3 }, /more than 3 resources and scopes/);
    const resource = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, n]));
    refused([{ resource }], { maxSharedValues: 50 }, /more than 50 attributes and values/);
    refused([{ resource }], { maxItemValues: 50 }, /or one of them more than 50$/);
    const [group] = decoded([{}]).scopeSpans;
    if (group === undefined) throw new Error('one span has one group');
    const idKeys = Array.from({ length: 300 }, () => '');
    const entityRefs = [{ schemaUrl: '', type: '', idKeys, descriptionKeys: [] }];
    const raw = encodeResource({ ...group.resource, entityRefs });
    const scopeSpans = [{ ...group, resource: { ...group.resource, entityRefs, raw } }];
    const keys = encoded({ ...decoded([]), scopeSpans }, encoding);
    t.throws(() => decodeTraces(keys, encoding, { maxSharedValues: 50 }), LimitError, encoding);
  }
});

t.test(
  'fields that are there a million times are refused: they cost time, and count for nothing',
  async (t) => {
    const again = (tag: number) => Buffer.alloc(2_200_000, Buffer.from([tag, 0]));
    const good = decoded([{ name: 'good' }]).scopeSpans[0]?.spans[0]?.raw ?? Buffer.alloc(0);
    const [name, unknown, key] = [0x2a, 0x78, 0x0a];
    for (const fields of [
      again(name),
      again(unknown),
      message(9, again(key)),
      message(9, message(2, again(key))),
    ]) {
      const spans = [message(2, Buffer.concat([good, fields])), message(2, good)];
      const traces = decodeTraces(message(1, message(2, Buffer.concat(spans))), 'protobuf');
      t.same(namesOf(traces), ['good']);
      t.match(traces.rejectedReason, 'the span has more than 131,072 events');
    }
    const scope = message(2, Buffer.concat([message(1, again(key)), message(2, good)]));
    t.throws(() => decodeTraces(message(1, scope), 'protobuf'), { name: 'LimitError' });
    const resource = [message(1, message(1, again(key))), message(2, message(2, good))];
    t.throws(() => decodeTraces(message(1, Buffer.concat(resource)), 'protobuf'), { name: 'LimitError' });
  },
);

t.test('too many empty messages of two bytes each are refused before they cost memory', async (t) => {
  const count = 2_000_000;
  const events = Buffer.alloc(count * 2);
  for (let at = 0; at < events.length; at += 2) events[at] = 0x5a; // events (11), length 0
  const good = decoded([{ name: 'good' }]).scopeSpans[0]?.spans[0]?.raw ?? Buffer.alloc(0);
  const spans = [message(2, Buffer.concat([good, events])), message(2, good)];
  const traces = decodeTraces(message(1, message(2, Buffer.concat(spans))), 'protobuf');
  t.same(namesOf(traces), ['good']);
  t.match(traces.rejectedReason, 'the span has more than 131,072 events');

  const empty = Buffer.alloc(count * 2);
  for (let at = 0; at < empty.length; at += 2) empty[at] = 0x12; // spans (2), length 0
  t.throws(() => decodeTraces(message(1, message(2, empty)), 'protobuf'), { name: 'LimitError' });
  const groups = Buffer.alloc(count * 2);
  for (let at = 0; at < groups.length; at += 2) groups[at] = 0x0a; // resource_spans (1), length 0
  t.throws(() => decodeTraces(groups, 'protobuf'), { name: 'LimitError' });
  const json = (items: string) => Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${items}]}]}]}`);
  t.throws(() => decodeTraces(json('{},'.repeat(count).slice(0, -1)), 'json'), { name: 'LimitError' });
  const lists = `{"events":[${'{},'.repeat(count).slice(0, -1)}]}`;
  t.match(decodeTraces(json(lists), 'json').rejectedReason, 'the span has more than 131,072 events');
});
