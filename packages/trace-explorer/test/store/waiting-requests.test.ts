import t from 'tap';
import { StoreBusyError } from '../../src/store/errors.ts';
import { itemCount } from '../../src/store/export-request.ts';
import type { Batch } from '../../src/store/waiting-requests.ts';
import { WaitingRequests } from '../../src/store/waiting-requests.ts';
import { decoded } from '../spans.ts';

const MIB = 1024 ** 2;

/** A request of so many spans, the first of which has a message of so many bytes. */
function request(spans: number, bytes = 0) {
  const { scopeSpans, ...counts } = decoded(Array.from({ length: spans }, () => ({})));
  const groups = scopeSpans.map((group) => ({
    ...group,
    spans: group.spans.map((span, index) => (index === 0 ? { ...span, raw: new Uint8Array(bytes) } : span)),
  }));
  return { ...counts, scopeSpans: groups };
}

/** Items of the requests that are written next. */
function counts(requests: WaitingRequests): number[] {
  return taken(requests).requests.map(({ counted }) => itemCount(counted));
}

function taken(requests: WaitingRequests): Batch {
  const batch = requests.take();
  if (batch === undefined) throw new Error('nothing waits');
  return batch;
}

t.test('small requests overtake the parts of large bodies, which get their turn between two of them', (t) => {
  const requests = new WaitingRequests();
  for (const spans of [2_048, 2_048, 2_047, 10, 20]) void requests.add(request(spans));
  t.same(counts(requests), [10, 20], 'all that are small, together');
  void requests.add(request(30));
  t.same(counts(requests), [2_048], 'one part, so that small ones wait for no more');
  t.same(counts(requests), [30]);
  t.same(counts(requests), [2_048]);
  t.same(counts(requests), [2_047], 'nobody waits for a turn that none takes');
  t.ok(requests.isEmpty);
  t.equal(requests.take(), undefined);
  t.end();
});

t.test('a few bytes that become many large rows are a large request, and written alone', (t) => {
  const requests = new WaitingRequests();
  const heavy = () => {
    const links = Array.from({ length: 2_000 }, () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }));
    const [group, ...others] = decoded([{ links }]).scopeSpans;
    if (group === undefined || others.length > 0) throw new Error('one span has one group');
    const resource = { ...group.resource, raw: new Uint8Array(16 * 1024) };
    return { ...decoded([{}]), scopeSpans: [{ ...group, resource }] };
  };
  for (const each of [heavy(), heavy(), request(10)]) void requests.add(each);
  t.same(counts(requests), [10], 'what is small does not wait for them');
  t.same(counts(requests), [1]);
  t.same(counts(requests), [1]);
  t.ok(requests.isEmpty);
  t.end();
});

t.test('what is written together has no more than 4,096 items, in the order in which they came', (t) => {
  const requests = new WaitingRequests();
  for (const spans of [1_000, 1_001, 1_002, 1_003, 1_004, 5]) void requests.add(request(spans));
  t.same(counts(requests), [1_000, 1_001, 1_002, 1_003]);
  const { requests: second, rows } = taken(requests);
  t.same(
    second.map(({ from, to }) => [from, to]),
    [
      [0, 1_004],
      [1_004, 1_009],
    ],
  );
  t.equal(rows.rowCount, 1_009);
  t.end();
});

t.test('beside a large message, small requests are taken as long as there is room for their rows', (t) => {
  const requests = new WaitingRequests();
  void requests.add(request(700));
  void requests.add(request(300));
  t.equal(
    requests.takeSmall(999, () => true),
    undefined,
  );
  t.equal(
    requests.takeSmall(1_000, () => false),
    undefined,
  );
  t.equal(requests.takeSmall(1_000, () => true)?.rows.rowCount, 1_000);
  t.equal(
    requests.takeSmall(1_000, () => true),
    undefined,
  );
  t.end();
});

t.test('beside a request that takes all the room there is some for small ones, and not without end', (t) => {
  const requests = new WaitingRequests();
  void requests.add(request(1, 64 * MIB - 1_000));
  const large = taken(requests);
  for (let n = 0; n < 8; n++) void requests.add(request(1, MIB - 1_000));
  t.throws(() => requests.add(request(1, MIB - 1_000)), StoreBusyError);
  t.throws(() => requests.add(request(1, 2 * MIB)), StoreBusyError, 'a larger one is not small');
  requests.release(taken(requests));
  requests.release(large);
  void requests.add(request(1, 60 * MIB));
  t.notOk(requests.isEmpty, 'what was written makes room');
  t.end();
});
