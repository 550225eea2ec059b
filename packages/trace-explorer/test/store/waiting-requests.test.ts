import t from 'tap';
import { StoreBusyError } from '../../src/store/errors.ts';
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

function counts(requests: WaitingRequests): number[] {
  return requests.take(8_192).map(({ request }) => ('spanCount' in request ? request.spanCount : 0));
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
  t.end();
});

t.test('beside a request that takes all the room there is some for small ones, and not without end', (t) => {
  const requests = new WaitingRequests();
  void requests.add(request(1, 64 * MIB - 1_000));
  const large = requests.take(8_192);
  for (let n = 0; n < 8; n++) void requests.add(request(1, MIB - 1_000));
  t.throws(() => requests.add(request(1, MIB - 1_000)), StoreBusyError);
  t.throws(() => requests.add(request(1, 2 * MIB)), StoreBusyError, 'a larger one is not small');
  requests.release(requests.take(8_192));
  requests.release(large);
  void requests.add(request(1, 60 * MIB));
  t.notOk(requests.isEmpty, 'what was written makes room');
  t.end();
});
