const { Worker } = require('worker_threads');
const run = (s, o) =>
  new Promise((d) => {
    const w = new Worker(s, { eval: true, ...o });
    w.on('error', (e) => console.log('error', e.message, e.name));
    w.on('exit', (c) => {
      console.log('exit', c);
      d();
    });
  });
(async () => {
  await run('process.exit(7)');
  await run('throw new TypeError("w")');
  await run('Promise.reject(new Error("r"))');
  await run('process.on("exit",()=>console.log("bye"));process.exitCode=3');
  await run('let a=[];for(;;)a.push(new Array(1e5).fill(1))', {
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  });
})();
