import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { runCli, runCliProcess } from '../../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeSpans, temporaryDirectory } from '../../../spans.ts';

t.setTimeout(300_000);

const { app, store } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
const verify = (...args: string[]) => runCli('verify', ['--url', url, ...args]);

t.test('an explorer without spans says so, and has not the score that is asked for', async (t) => {
  t.match(await verify(), { code: 0, out: /^No service sent anything in this time\.\n$/ });
  t.equal((await verify('--min-score', '1')).code, 1);
});

t.test('text has the score, each sentence with what mends it, and a link', async (t) => {
  const attributes = {
    'http.method': 'GET',
    'http.target': '/',
    'http.scheme': 'http',
    'http.status_code': 200,
    'app.note': '<&\u001b[2J|',
  };
  const resource = { 'telemetry.sdk.language': 'nodejs', 'service.instance.id': 'one' };
  await storeSpans(store, [
    { service: 'old <api>', kind: 2, name: 'GET', attributes, resource },
    { service: 'new', kind: 1, name: 'tick', resource: { 'service.instance.id': 'two' } },
  ]);
  const { code, out } = await verify();
  t.equal(code, 0);
  const lines = out.split('\n');
  t.equal(lines[0], 'new: 100 (Excellent), 1 span, 0 log records');
  t.equal(lines[2], 'old <api>: 100 (Excellent), 1 span, 0 log records');
  t.match(lines[3], /^ {2}! deprecated-name: http.method is on 1 span: replaced by http.request.method$/);
  t.match(lines[4], /^ {6}A newer version .* OTEL_SEMCONV_STABILITY_OPT_IN=http/);
  t.match(lines[5], /^ {6}http:\/\/127\.0\.0\.1:\d+\/trace\/[0-9a-f]{32}\?span=[0-9a-f]{16}$/);
  t.match(lines.at(-2), /^Instrumentation Score 0\.1 \(e6ee222\), incomplete: .*MET-001.*SPA-003/);
  t.match(await verify('--service', 'new'), { code: 0, out: /^new: 100[^!✗]*$/m });
});

t.test('the other formats are what their readers take', async (t) => {
  const markdown = await verify('--format', 'markdown');
  t.match(markdown.out, '## old \\<api\\>\\: 100');
  t.match(markdown.out, /^\| ! \| \[deprecated-name\]\(<http:\S+>\) \| http\.method .*<br>.* \|$/m);
  const json = JSON.parse((await verify('--format', 'json')).out);
  t.match(json, { services: [{ service: 'new' }, { violations: [{ place: /^http:/ }] }] });
  const junit = (await verify('--format', 'junit')).out;
  t.match(junit, '<testsuite name="old &lt;api&gt; 100" tests="13" failures="1">');
  t.match(junit, '<testcase classname="new" name="RES-001"/>');
});

t.test('a score below the one that is asked for is exit code 1, and a wrong option 2', async (t) => {
  await storeSpans(store, [{ service: 'torn', kind: 3, name: 'GET' }]);
  t.equal((await verify('--min-score', '90')).code, 1);
  t.equal((await verify('--min-score', '90', '--service', 'new')).code, 0);
  t.match(await verify('--min-score', 'good'), { code: 2, error: /^--min-score takes a number/ });
  for (const format of ['pdf', 'sarif'])
    t.match(await verify('--format', format), { code: 2, error: /^--format takes text, markdown/ });
  t.match(await verify('--run', 'true', '--since', '1h'), { code: 2, error: /leave --since out/ });
});

t.test('check takes a file about the score beside triggers', async (t) => {
  const file = join(temporaryDirectory(t), 'score.json');
  const trigger = (verify: object) =>
    writeFileSync(file, JSON.stringify([{ name: 'score', verify: { min_score: 90, ...verify } }]));
  trigger({ service: 'new' });
  t.match(await runCli('check', ['--url', url, file]), {
    code: 0,
    out: /^✓ score: MIN\(score\) is 100, would fire when < 90/,
  });
  trigger({});
  const fires = await runCli('check', ['--url', url, file]);
  t.match(fires, { code: 1, out: /^✗ score: MIN\(score\) is 84\.38, fires when < 90/ });
  t.match(fires.out, '84.38  service="torn"');
  t.match(
    fires.out,
    /^ {4}http:\S+\/verify\?start=\d+&end=\d+$/m,
    'the link leads to the scores of the same time',
  );
  trigger({ service: 'nobody' });
  t.match(await runCli('check', ['--url', url, file]), { code: 1, out: /no data, no service sent anything/ });
  trigger({ min_score: 'all' });
  t.match(await runCli('check', ['--url', url, file]), { code: 2, error: /min_score/ });
});

t.test('--run verifies what a command sent, and ends with its exit code', async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'app.mjs');
  writeFileSync(
    file,
    `import { createServer } from 'node:http';
    const server = createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
      await (await fetch('http://127.0.0.1:' + server.address().port + '/hello')).text();
      server.close();
      process.exitCode = Number(process.env.CODE);
    });`,
  );
  const own = ['--port', '0', '--otlp-port', '0', '--data-dir', directory, '--format', 'json'];
  const command = `CODE=3 "${process.execPath}" "${file}"`;
  const env = { OTEL_SERVICE_NAME: 'app' };
  const { code, out, error } = await runCliProcess('verify', ['--run', command, ...own], env);
  t.equal(code, 3, error);
  t.match(JSON.parse(out), { services: [{ service: 'app', language: 'nodejs' }] });
});
