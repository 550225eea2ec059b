import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../../../../../../test/helpers/npm.ts';
import { freePort, ROOT, startNode, untilReady } from '../../../../../../test/helpers/processes.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { BROWSERS, startTracedPages, traceWith } from './traced-page.ts';

t.setTimeout(INSTALL_TIMEOUT_MS + 240_000);

const port = await freePort();
const origin = `http://localhost:${port}`;
const { store, explorerOrigin, api } = await startTracedPages(t, origin);

const FILES = {
  'vite.config.js': `
import react from '@vitejs/plugin-react';
export default { plugins: [react()], server: { proxy: { '/api': '${api}' } } };`,
  'index.html': `<!doctype html><html lang="en"><head><title>Feed</title>
<script src="${explorerOrigin}/trace.js" data-service="react-page"></script></head>
<body><div id="root"></div><script type="module" src="/main.jsx"></script></body></html>`,
  'main.jsx': `
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
function Feed() {
  const [message, setMessage] = useState('');
  const load = async (url) => setMessage((await (await fetch(url)).json()).activities?.[0]?.handle ?? 'nothing');
  return <><button id="own" onClick={() => load('/api/activities/home?limit=2')}>Own</button>
    <button id="other" onClick={() => load('${api}/api/activities/home?limit=3')}>Other</button>
    <output>{message}</output></>;
}
createRoot(document.getElementById('root')).render(<StrictMode><Feed /></StrictMode>);`,
};

const folder = join(t.testdir(), 'app');
await mkdir(folder, { recursive: true });
await npmInstall(folder, ['vite@8.3.8', 'react@19.3.1', 'react-dom@19.3.1', '@vitejs/plugin-react@6.3.0'], {
  ...{ name: 'react-page', version: '1.0.0', private: true, type: 'module' },
});
for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
const vite = startNode(
  relative(ROOT, folder),
  ['node_modules/vite/bin/vite.js', '--host', 'localhost', '--port', String(port), '--strictPort'],
  {},
);
t.teardown(() => vite.stop());
await untilReady(vite, origin);

for (const [browser, open] of Object.entries(BROWSERS)) {
  t.test(`${browser}: a click in a React page of Vite leads to the database in one waterfall`, async (t) => {
    const tab = await open(t);
    await tab.goto(`${origin}/?${browser}`);
    await until(() => tab.evaluate(`document.querySelector('#own') !== null`));
    for (const [id, url] of [
      ['own', `${origin}/api/activities/home?limit=2`],
      ['other', `${api}/api/activities/home?limit=3`],
    ] as const) {
      const before = (await traceIds(url)).length;
      await tab.evaluate(`document.querySelector('#${id}').click()`);
      await until(async () => (await traceIds(url)).length > before, { what: `a trace of ${url}` });
      const spans = await traceWith(store, 'react-page', url, 7);
      const page = spans.find((span) => span.url === url);
      t.match(
        spans.find(({ parentId }) => parentId === page?.spanId),
        { service: 'activities-api', name: 'GET /api/activities/home', kind: 'server' },
      );
      t.ok(spans.some(({ name }) => name === 'SELECT activities'));
    }
    t.match(await tab.evaluate(`document.querySelector('output').textContent`), /^\w+/);
    const [load] = await traceWith(store, 'react-page', `${origin}/?${browser}`);
    t.match(load, { name: 'documentLoad', status: 200 });
  });
}

async function traceIds(url: string): Promise<unknown[]> {
  const field = store.fields().get('url.full')?.sql ?? 'NULL';
  return (await store.read(`SELECT 1 FROM spans WHERE ${field} = $1`, [url])).rows.flat();
}
