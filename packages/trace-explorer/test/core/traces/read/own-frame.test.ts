import t from 'tap';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();
const LONG = `at run (/app/${'x'.repeat(400)}.js:1:1)`;

/** Stacks with the frame of the app that is nearest to the error. */
const STACKS: Readonly<Record<string, readonly [stack: string, frame: string | undefined]>> = {
  node: [
    'TypeError: no\n    at get (/app/node_modules/pg/index.js:3:1)\n    at find (/app/find.ts:2:5)\r\n    at main (/app/main.ts:1:1)',
    'at find (/app/find.ts:2:5)',
  ],
  python: [
    'Traceback (most recent call last):\n  File "/app/main.py", line 1, in main\n    run()\n  File "/app/views.py", line 3, in view\n    run()\n  File "/usr/lib/python3/site-packages/x.py", line 1, in run\n    raise\nValueError: no',
    'File "/app/views.py", line 3, in view',
  ],
  java: [
    'java.lang.IllegalStateException: no\n\tat java.base/java.util.List.get(List.java:1)\n\tat com.shop.Cart.add(Cart.java:42)',
    'at com.shop.Cart.add(Cart.java:42)',
  ],
  go: [
    'main.find\n\t/app/find.go:12 +0x1d\nnet/http.serve\n\t/usr/local/go/src/net/http/server.go:1 +0x2',
    '/app/find.go:12 +0x1d',
  ],
  libraries: ['Error: no\n    at node:internal/process/task_queues:105:5', undefined],
  long: [`Error: no\n    ${LONG}\n    at main (/app/main.ts:1:1)`, 'at main (/app/main.ts:1:1)'],
};

for (const [name, [stack, frame]] of Object.entries(STACKS)) {
  t.test(`the first frame of the app: ${name}`, async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const traceId = id(name, 16);
    await storeSpans(store, [
      {
        traceId,
        status: 2,
        start: at(0),
        events: [
          { name: 'exception', attributes: { 'exception.message': 'no', 'exception.stacktrace': stack } },
        ],
      },
    ]);
    const { body } = await get(`/api/traces/${traceId}/outline`);
    const model = buildModel(body);
    t.equal(model.frame(0), frame);
    const [found] = body.findings;
    t.equal(found?.exception, frame === undefined ? 'no' : `no, ${frame}`);
  });
}

t.test('from the folder that lines of code are told from, the file of a frame is told, too', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const frameOf = async (frame: string, folder = '/home/x.y/app') => {
    const traceId = id(`${folder} ${frame}`, 16);
    const attributes = { 'exception.message': 'no', 'exception.stacktrace': `Error: no\n    ${frame}` };
    await storeSpans(store, [
      {
        ...{ traceId, status: 2, start: at(0), resource: { 'tandem.code.folder': folder } },
        events: [{ name: 'exception', attributes }],
      },
    ]);
    return buildModel((await get(`/api/traces/${traceId}/outline`)).body).frame(0);
  };
  t.equal(await frameOf('at find (file:///home/x.y/app/src/find.ts:2:5)'), 'at find (src/find.ts:2)');
  t.equal(await frameOf('at find (/home/x.y/app/src/find.ts:2:5)'), 'at find (src/find.ts:2)');
  t.equal(await frameOf('at /home/x.y/app/find.ts:2:5'), 'at find.ts:2');
  t.equal(await frameOf('at find (/a/(b)/c%20d/find.ts:2:5)', '/a/(b)'), 'at find (c%20d/find.ts:2)');
  t.equal(await frameOf('at find (/home/x.y/apple/find.ts:2:5)'), 'at find (../apple/find.ts:2)');
  t.equal(await frameOf('at find (/home/xzy/app/find.ts:2:5)'), 'at find (../../xzy/app/find.ts:2)');
  t.equal(await frameOf('at /lib/find.ts:2:5', '/home'), 'at ../lib/find.ts:2');
  for (const other of ['at find (file:///home/x%20y/find.ts:2:5)', 'at find (https://a.b/find.ts:2:5)'])
    t.equal(await frameOf(other), other);
  t.equal(await frameOf('at find (/a/find.ts:2:5)', ''), 'at find (/a/find.ts:2:5)');
});
