import t from 'tap';
import { examineNode } from '../../scripts/lib/doctor/node-version.ts';

t.test('the Node that is running, and another one', async (t) => {
  t.match(examineNode({}), [{ level: 'ok', what: `Node ${process.versions.node}.` }]);
  t.match(examineNode({ TANDEM: 'node tandem' }, '22.21.0'), [
    {
      level: 'problem',
      what: /^This is Node 22\.21\.0; the services run on Node 24/,
      fix: /node tandem doctor/,
    },
  ]);
});

t.test('what NODE_OPTIONS loads is named; other options are nothing to say', async (t) => {
  t.match(examineNode({ NODE_OPTIONS: '--require dd-trace/init --import=@opentelemetry/auto' })[1], {
    level: 'warning',
    what: /loads dd-trace\/init, @opentelemetry\/auto into/,
  });
  t.equal(examineNode({ NODE_OPTIONS: '--max-old-space-size=4096' }).length, 1);
});
