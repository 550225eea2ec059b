// An app that tsx watches, ended by a signal: tsx has the exit code of the signal.
const { spawn } = require('child_process');
const { writeFileSync } = require('fs');
writeFileSync('app.ts', "console.log('up' as string); setInterval(() => {}, 1000);");
const end = (args, signal) =>
  new Promise((d) => {
    const child = spawn(process.execPath, [require.resolve('tsx/cli'), ...args, 'app.ts']);
    let text = '';
    child.stdout.on('data', (x) => {
      text += x;
      if (/up\n/.test(text)) setTimeout(() => child.kill(signal), 500);
    });
    child.on('exit', (code, by) => d(`${args} ${signal} ${code} ${by}`));
  });
(async () => {
  for (const args of [['watch'], []]) for (const signal of ['SIGTERM', 'SIGINT']) console.log(await end(args, signal));
})();
