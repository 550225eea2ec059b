import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { attributesOf, encodeTraces } from '@tandem/otlp';
import { encodedSpan } from '../lib/encoded-span.ts';
import { senderOf } from '../lib/sender.ts';

/** A coding agent's spans: each call of a model has the whole conversation in an attribute. */
export const MIN_TEXT_BYTES = 20_000;
export const MAX_TEXT_BYTES = 200_000;
export const SPANS_PER_EXPORT = 10;

/** A gzipped protobuf export of one agent's trace. */
export function agentBody(): Uint8Array<ArrayBuffer> {
  const traceId = randomBytes(16).toString('hex');
  const spans = Array.from({ length: SPANS_PER_EXPORT }, () => agentSpan(traceId));
  const sender = senderOf({ 'service.name': 'coding-agent' }, 'agent', '1.0.0');
  return Uint8Array.from(gzipSync(encodeTraces({ scopeSpans: [{ ...sender, spans }] }), { level: 1 }));
}

/** Words as source code and prose have them: it compresses to a fourth or so. */
const WORDS = (() => {
  const vocabulary = ['function', 'return', 'const', 'the', 'of', 'error', 'import', 'test', '=>', '();'];
  for (let word = 0; word < 3_000; word++) vocabulary.push(randomBytes(2 + (word % 4)).toString('hex'));
  const pick = () => vocabulary[Math.floor(Math.random() ** 2 * vocabulary.length)];
  return Array.from({ length: 200_000 }, pick).join(' ');
})();

function agentSpan(traceId: string) {
  const bytes = MIN_TEXT_BYTES + Math.floor(Math.random() * (MAX_TEXT_BYTES - MIN_TEXT_BYTES));
  const from = Math.floor(Math.random() * (WORDS.length - bytes));
  const start = BigInt(Date.now()) * 1_000_000n;
  return encodedSpan({
    traceId,
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: '',
    flags: 1,
    name: 'chat',
    kind: 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(Math.floor(Math.random() * 20e9)),
    attributes: attributesOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': `model-${from % 3}`,
      'gen_ai.usage.input_tokens': Math.floor(bytes / 4),
      'gen_ai.input.messages': WORDS.slice(from, from + bytes),
      'gen_ai.output.messages': WORDS.slice(from, from + 2_000),
    }),
  });
}
