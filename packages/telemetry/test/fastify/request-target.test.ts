import t from 'tap';
import { splitTarget } from '../../src/fastify/request-target.ts';

t.test('request targets are split, in each of their forms', async (t) => {
  t.same(splitTarget('/a?b=1?c'), { path: '/a', query: 'b=1?c', authority: undefined });
  t.same(splitTarget('/a?'), { path: '/a', query: '', authority: undefined });
  t.same(splitTarget('//a/b'), { path: '//a/b', query: undefined, authority: undefined });
  t.same(splitTarget('*'), { path: '*', query: undefined, authority: undefined });
  t.same(splitTarget('http://me:secret@a.example:8080/b?c'), {
    path: '/b',
    query: 'c',
    authority: 'a.example:8080',
  });
  t.same(splitTarget('http://a.example?c'), { path: '/', query: 'c', authority: 'a.example' });
});
