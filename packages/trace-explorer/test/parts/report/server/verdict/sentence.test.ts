import t from 'tap';
import { withoutService } from '../../../../../src/parts/report/server/verdict/sentence.ts';

t.test('where a run has one service, a sentence is whole without its name', async (t) => {
  for (const [sentence, without] of [
    [
      'GET /a of shop was called 12 times in a row by GET /b',
      'GET /a was called 12 times in a row by GET /b',
    ],
    ['GET /a of shop fails', 'GET /a fails'],
    ['GET /a of shop-2, of shop', 'GET /a of shop-2,'],
    ['GET of shop failed with 500 because of shop, and b went on', 'GET failed with 500, and b went on'],
    ['GET /a spent 1 s of 2 s in shop itself, and no span', 'GET /a spent 1 s of 2 s by itself, and no span'],
    [
      'GET spent 1 s of 2 s between shop and shop, before or after the span there',
      'GET spent 1 s of 2 s before or after the span that answers it',
    ],
    [
      'shop worked on GET /a for 1 s after shop had given up, which waited 2 s',
      'The service worked on GET /a for 1 s after its caller had given up, which waited 2 s',
    ],
    [
      'shop never answered GET, for which GET /b of shop waited 1 s',
      'The service never answered GET, for which GET /b waited 1 s',
    ],
  ] as const)
    t.equal(withoutService(sentence, 'shop'), without);
});
