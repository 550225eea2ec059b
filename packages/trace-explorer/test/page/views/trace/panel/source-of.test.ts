import t from 'tap';
import { sourceOf } from '../../../../../src/page/views/trace/panel/source-of.ts';

t.test('a span’s source is a link to its line in VS Code', async (t) => {
  t.same(
    sourceOf({
      'code.file.path': '/work/a service/src/app.ts',
      'code.line.number': 42,
      'code.column.number': 7,
      'code.function.name': 'listUsers',
    }),
    { text: 'src/app.ts:42', name: 'listUsers', href: 'vscode://file/work/a%20service/src/app.ts:42:7' },
  );
  t.match(sourceOf({ 'code.filepath': 'file:///srv/x.py', 'code.lineno': '3' }), {
    href: 'vscode://file/srv/x.py:3',
  });
  t.match(sourceOf({ 'code.file.path': 'C:\\app\\Main.cs', 'code.line.number': 1 }), {
    text: 'app/Main.cs:1',
    href: 'vscode://file/C:/app/Main.cs:1',
  });
});

t.test('a relative path is no link, nonsense no line, and no path nothing', async (t) => {
  t.same(sourceOf({ 'code.file.path': 'app/views.py', 'code.line.number': 'x' }), { text: 'app/views.py' });
  t.match(sourceOf({ 'code.file.path': '/a?b#c', 'code.line.number': -1 }), {
    href: 'vscode://file/a%3Fb%23c',
  });
  t.equal(sourceOf({ 'code.function.name': 'f' }), undefined);
  t.equal(sourceOf({ 'code.file.path': '' }), undefined);
});
