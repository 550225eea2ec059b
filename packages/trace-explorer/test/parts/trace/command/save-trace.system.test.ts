import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readSavedTrace } from '../../../../src/core/saved-trace/saved-trace.ts';
import { runCli } from '../../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeHomeTrace } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';

t.test('trace --html writes a file, redacts fields, names secret ones; import takes the page', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-explorer-save-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { app, store } = await temporaryExplorer(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const secret = {
    name: 'with secrets',
    attributes: { 'user.email': 'ada@example.org', 'session.id': 's3cr3t', 'code.file.path': 'src/a.js' },
  };
  const { traceId } = await storeHomeTrace(store, { extra: [secret] });
  const html = join(folder, 'trace.html');

  const saved = await runCli('trace', [traceId, '--html', html, '--redact', 'user.*', '--url', url]);
  t.equal(saved.code, 0, saved.error);
  t.match(saved.out, `${html}: trace ${traceId}`);
  t.match(saved.error, /^These fields look secret: session\.id\. .* --redact session\.id\.$/m);
  const text = JSON.stringify(await readSavedTrace(readFileSync(html, 'utf8')));
  t.notMatch(text, 'ada@example.org');
  t.match(text, 's3cr3t');
  t.notMatch(text, 'src/a.js');
  await runCli('trace', [traceId, '--html', html, '--code', '--url', url]);
  t.match(JSON.stringify(await readSavedTrace(readFileSync(html, 'utf8'))), 'src/a.js');

  const other = await temporaryExplorer(t);
  const otherUrl = await other.app.listen({ host: '127.0.0.1', port: 0 });
  const imported = await runCli('import', [html, '--url', otherUrl]);
  t.match(imported.out, '9 spans');
  t.equal((await other.get(`/api/traces/${traceId}/outline`)).body.name.length, 9);

  const hostile = "x$(touch pwned);\u001b[2J\u009b;it's.secret";
  await storeSpans(other.store, [{ name: 'x', traceId, attributes: { [hostile]: 's3cr3t' } }]);
  const advice = await runCli('trace', [traceId, '--html', html, '--url', otherUrl]);
  t.match(advice.error, "--redact 'x$(touch pwned);\ufffd[2J\ufffd;it'\\''s.secret'");
  t.notMatch(advice.error, /(?!\n)\p{Cc}/u);

  const misspelt = ['--redact', 'usr.email', '--redact', 'nothing.like.*', '--redact', 'user.*'];
  const named = await runCli('trace', [traceId, '--html', html, ...misspelt, '--url', url]);
  t.match(
    named.error,
    '--redact usr.email: no field of this trace has this name. Did you mean user.email?\n' +
      "--redact 'nothing.like.*': no field of this trace has this name.\n",
  );
  t.notMatch(named.error, '--redact user');

  const refused = await runCli('trace', [traceId, '--html', join(folder, 'none', 'x.html'), '--url', url]);
  t.equal(refused.code, 1);
  t.match(refused.error, /x\.html cannot be written: /);
});
