import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encodeTraces, tracesToJson } from '@tandem/otlp';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { Intake } from '../../src/receiver/intake.ts';
import type { ExportRequest } from '../../src/store/export-request.ts';
import { itemCount } from '../../src/store/export-request.ts';
import type { WriteResult } from '../../src/store/types.ts';
import { decoded } from '../spans.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

t.test('what waits to be written is not kept in memory as decoded: the store has its rows', async (t) => {
  const { promise, resolve } = Promise.withResolvers<WriteResult>();
  let request: WeakRef<ExportRequest> | undefined;
  const intake = new Intake({
    store: {
      write: (part) => {
        request = new WeakRef(part);
        return promise;
      },
    },
  });
  const payload = Readable.from([encodeTraces(decoded([{ name: 'waits' }]))]);
  const taken = intake.take({ payload, encoding: 'protobuf' });
  await until(() => request !== undefined);
  await until(() => {
    collectGarbage();
    return request?.deref() === undefined;
  });
  resolve({ rows: 1, items: 1 });
  t.same(await taken, { accepted: 1, rejected: 0, rejectedReason: '' });
});

t.test('a request goes with its bytes where they are all of it, in protobuf', async (t) => {
  const requests: ExportRequest[] = [];
  const intake = new Intake({
    store: {
      write: async (request) => {
        requests.push(request);
        return { rows: itemCount(request), items: itemCount(request) };
      },
    },
  });
  const two = decoded([{ name: 'a' }, { name: 'b' }]);
  const body = Buffer.from(encodeTraces(two));
  const bad = { ...decoded([{ name: 'bad', spanId: '0'.repeat(16) }]) };
  const json = JSON.stringify(tracesToJson(two.scopeSpans));
  await intake.take({ payload: Readable.from([body]), encoding: 'protobuf' });
  await intake.take({ payload: Readable.from([Buffer.from(json)]), encoding: 'json' });
  const withBad = encodeTraces({ scopeSpans: [...two.scopeSpans, ...bad.scopeSpans] });
  t.match(await intake.take({ payload: Readable.from([withBad]), encoding: 'protobuf' }), { rejected: 1 });
  t.same(
    requests.map(({ whole }) => whole),
    [body, undefined, undefined],
  );
});
