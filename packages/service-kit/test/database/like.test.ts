import t from 'tap';
import { ftsQuery } from '../../src/database/fts-query.ts';
import { containsPattern, foldForSearch } from '../../src/database/like.ts';

t.test('wildcards and the escape character in a term stand for themselves', (t) => {
  t.equal(containsPattern('100%_\\'), '%100\\%\\_\\\\%');
  t.end();
});

t.test('case and compatibility forms do not matter', (t) => {
  t.equal(foldForSearch('ÜBER ﬁt'), foldForSearch('über fit'));
  t.end();
});

t.test('a query for FTS5 has each trigram of the folded term once, as a text of its own', (t) => {
  t.equal(ftsQuery('Trace'), '"tra" AND "rac" AND "ace"');
  t.equal(ftsQuery('a"b'), '"a""b"');
  t.equal(ftsQuery('ababab'), '"aba" AND "bab"');
  t.equal(ftsQuery('🙂🙃🙂'), '"🙂🙃🙂"', 'characters, not halves of them');
  t.end();
});
