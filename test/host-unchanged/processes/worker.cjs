const { Worker, isMainThread, parentPort, workerData, threadId } = require('worker_threads');
if (isMainThread) {
  const w = new Worker(__filename, { workerData: { a: 1 }, env: { X: '1' }, argv: ['q'] });
  w.on('message', (m) => {
    console.log(JSON.stringify(m));
    if (m.echo) w.terminate().then((c) => console.log('t', c));
    else w.postMessage({ go: 1 });
  });
  w.on('exit', (c) => console.log('exit', c));
} else {
  parentPort.postMessage({ env: process.env.X, argv: process.argv.slice(2), d: workerData });
  parentPort.on('message', (m) => parentPort.postMessage({ echo: m }));
}
