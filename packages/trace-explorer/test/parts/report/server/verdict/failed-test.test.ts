import t from 'tap';
import { failedTestSentence } from '../../../../../src/parts/report/server/verdict/failed-test.ts';

t.test('a test that failed is said to fail, once', async (t) => {
  for (const [name, sentence] of [
    ['shop › adds', 'shop › adds fails: 2 == 3'],
    ['shop › fails', 'shop › fails: 2 == 3'],
    ['it should fail', 'it should fail: 2 == 3'],
    ['Payment Failed', 'Payment Failed: 2 == 3'],
    ['prevails', 'prevails fails: 2 == 3'],
  ] as const)
    t.equal(failedTestSentence(name, '2 == 3'), sentence);
  const after = 'GET /stock answered 503';
  t.equal(failedTestSentence('pays', '502 == 201', after), `pays fails after ${after}: 502 == 201`);
  t.equal(failedTestSentence('it fails', '502 == 201', after), `it fails after ${after}: 502 == 201`);
});
