import t from 'tap';
import { examineNode } from '../../src/doctor/examine-node.ts';

t.test('Node of before 22.15 is a problem, with what to do', async (t) => {
  t.match(examineNode(), { level: 'ok', what: `Node ${process.versions.node}.` });
  for (const version of ['22.15.0', '22.23.3', '24.0.0', '26.10.0'])
    t.match(examineNode(version), { level: 'ok' }, version);
  for (const version of ['20.20.2', '22.14.0'])
    t.match(
      examineNode(version),
      { level: 'problem', what: /needs 22\.15 or newer/, fix: /nodejs\.org/ },
      version,
    );
});
