const { spawnSync } = require('child_process');
const s = spawnSync(process.execPath, ['-e', 'console.log(Object.keys(process.env).length)'], {
  env: { A: '1' },
  encoding: 'utf8',
});
console.log(s.stdout, s.stderr);
