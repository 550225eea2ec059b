import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import nodeModule from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { hearLoads, publishLibraries } from '../../../src/guest/loading/loads.ts';

// Alone in its process: how Node loads modules is watched.

const CHANNEL = '@tandem/telemetry:library-loaded';
/** What a file of a library does when it runs. */
const RUN = `process.emit('tandem-test-ran');`;

const pathsFrom = () => Reflect.get(nodeModule, '_nodeModulePaths');

t.test(
  'a library of the table is published before its file runs, whichever kind of module it is',
  async (t) => {
    const folder = t.testdir({
      'main.cjs': `require('mongodb'); require('left-alone');`,
      'main.mjs': `import 'kafkajs';`,
      node_modules: {
        mongodb: { 'index.js': RUN },
        'left-alone': { 'index.js': RUN },
        kafkajs: { 'package.json': '{"type":"module","exports":"./index.js"}', 'index.js': RUN },
      },
    });
    const seen: string[] = [];
    const onLoaded = (message: unknown) => void seen.push(Object(message).library);
    const onRun = () => void seen.push('ran');
    process.on('tandem-test-ran' as never, onRun as never);
    subscribe(CHANNEL, onLoaded);
    const stop = publishLibraries();
    t.teardown(() => {
      stop();
      unsubscribe(CHANNEL, onLoaded);
      process.off('tandem-test-ran', onRun);
    });
    await import(pathToFileURL(join(folder, 'main.cjs')).href);
    t.strictSame([...new Set(seen.slice(0, seen.indexOf('ran')))], ['mongodb']);
    seen.length = 0;
    await import(pathToFileURL(join(folder, 'main.mjs')).href);
    t.strictSame([...new Set(seen)], ['kafkajs', 'ran']);
  },
);

t.test("Node's loader is watched once, and not at all when nobody hears", async (t) => {
  const own = pathsFrom();
  publishLibraries()();
  t.equal(pathsFrom(), own, 'nobody has subscribed');
  const folders: string[] = [];
  const stops = [hearLoads({ folder: (path) => folders.push(path) }), hearLoads({ folder() {} })];
  t.not(pathsFrom(), own);
  const first = pathsFrom();
  stops.push(
    hearLoads({
      folder() {
        throw new Error('of a hearer');
      },
    }),
    hearLoads({ folder: (path) => folders.push(path) }),
  );
  t.equal(pathsFrom(), first);
  pathsFrom()('/a/folder');
  t.strictSame(folders, ['/a/folder', '/a/folder'], 'one that fails keeps nothing from the others');
  for (const stop of stops) stop();
  t.equal(pathsFrom(), own);
});
