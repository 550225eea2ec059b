import t from 'tap';
import { writeOut } from '../../../src/core/page-server/written-out.ts';

t.test('a rule for one of several is a rule for each, where nothing else changes', (t) => {
  for (const [written, out] of [
    [':is(.a, .b){}', ':is(.a),:is(.b){}'],
    ['.x > :where(ul, .b):hover, p{}', '.x > :where(ul):hover,.x > :where(.b):hover, p{}'],
    ['.a:is(.b, .c)::after{}', '.a:is(.b)::after,.a:is(.c)::after{}'],
    ['@media (width < 9px){:is(h1, h2){color:red}}', '@media (width < 9px){:is(h1),:is(h2){color:red}}'],
    // They weigh differently, or end no selector.
    [':is(button, .b){}', ':is(button, .b){}'],
    [':is(.a, .b) > i{}', ':is(.a, .b) > i{}'],
    ['.a:not(:is(.b, .c)){}', '.a:not(:is(.b, .c)){}'],
    ['.a:has(.b, .c){}', '.a:has(.b, .c){}'],
    ['.a{content:":is(.b, .c)"}', '.a{content:":is(.b, .c)"}'],
  ] as const)
    t.equal(writeOut(written), out);
  t.end();
});
