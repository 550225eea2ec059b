import t from 'tap';
import { containsPattern, foldForSearch } from '../../src/database/search.ts';

t.test('wildcards and the escape character in a term stand for themselves', (t) => {
  t.equal(containsPattern('100%_\\'), '%100\\%\\_\\\\%');
  t.end();
});

t.test('case and compatibility forms do not matter', (t) => {
  t.equal(foldForSearch('ÜBER ﬁt'), foldForSearch('über fit'));
  t.end();
});
