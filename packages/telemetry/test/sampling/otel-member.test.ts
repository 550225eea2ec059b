import { createTraceState } from '@opentelemetry/api';
import t from 'tap';
import { W3CTraceState } from '../../src/context/tracestate.ts';
import { readOtelMember, withThreshold } from '../../src/sampling/otel-member.ts';

const read = (header: string) => readOtelMember(new W3CTraceState(header));

t.test('reads threshold and explicit randomness, in any place', async (t) => {
  t.match(read('ot=th:c'), { threshold: 'c', adjustedCount: 4, randomness: undefined });
  t.match(read('a=1,ot=p:8;rv:6e6d1a75832a2f;th:c;x:1'), { threshold: 'c', randomness: '6e6d1a75832a2f' });
  t.match(readOtelMember(createTraceState('ot=th:c')), { threshold: 'c' }, 'a trace state from elsewhere');
});

t.test('what is illegal reads as absent, and stays known as there', async (t) => {
  for (const header of ['ot=th:', 'ot=th:xyz', 'ot=th:C', 'ot=th:123456789abcdef0']) {
    t.match(read(header), { threshold: undefined, adjustedCount: undefined, hasThreshold: true }, header);
  }
  for (const header of [
    '',
    'other=th:c',
    'ot=rv:6e6d1a75832a2',
    'ot=rv:6E6D1A75832A2F',
    'ot=;;:',
    'ot=thx',
  ]) {
    t.match(read(header), { threshold: undefined, randomness: undefined, hasThreshold: false }, header);
  }
});

t.test('a threshold is replaced or erased and everything else kept', async (t) => {
  const change = (header: string, threshold?: string) => {
    const state = new W3CTraceState(header, true);
    return withThreshold(state, readOtelMember(state), threshold).serialize();
  };
  t.equal(change('', '8'), 'ot=th:8');
  t.equal(change('a=1', '8'), 'ot=th:8,a=1');
  t.equal(change('a=1,ot=th:c;rv:6e6d1a75832a2f;k:1', '8'), 'ot=th:8;rv:6e6d1a75832a2f;k:1,a=1');
  t.equal(change('a=1,ot=th:c;k:1'), 'ot=k:1,a=1');
  t.equal(change('a=1,ot=th:c'), 'a=1');
  t.equal(change('a=1'), 'a=1');
});

t.test('a member that would get too long loses its threshold rather than being cut', async (t) => {
  const state = new W3CTraceState(`ot=k:${'v'.repeat(253)}`);
  const changed = withThreshold(state, readOtelMember(state), 'e666');
  t.equal(readOtelMember(changed).hasThreshold, false);
  t.equal(changed.serialize(), state.serialize());
});

t.test('many different members from outside leave the answers right', async (t) => {
  for (let i = 0; i < 1000; i++) {
    const rv = i.toString(16).padStart(14, '0');
    if (read(`ot=th:8;rv:${rv}`).randomness !== rv) t.fail(rv);
  }
  t.match(read('ot=th:c'), { adjustedCount: 4 });
});
