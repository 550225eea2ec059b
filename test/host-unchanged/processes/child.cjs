const { fork, exec, execFileSync, spawn, spawnSync } = require('child_process');
if (process.argv[2] === 'c') {
  process.send({ argv: process.argv.slice(2), exec: process.execArgv.length });
  process.on('message', (m) => {
    process.send({ m });
    process.disconnect();
  });
} else {
  const c = fork(__filename, ['c'], { execArgv: [] });
  c.on('message', (m) => {
    console.log(JSON.stringify(m));
    if (m.argv) c.send('x');
  });
  c.on('exit', (a, b) => {
    console.log('exit', a, b);
    console.log(execFileSync(process.execPath, ['-p', '1+1'], { encoding: 'utf8' }));
    const s = spawnSync(process.execPath, ['-e', 'process.exit(9)']);
    console.log(s.status, String(s.stdout), String(s.stderr));
    exec('exit 4', (e) => console.log(e.code, e.killed));
    const k = spawn('sleep', ['50']);
    k.on('exit', (c, s) => console.log(c, s));
    k.kill();
    spawn('nonexistent-cmd').on('error', (e) => console.log(e.code, e.syscall));
  });
}
