const { Worker } = require('worker_threads');
const w = new Worker(
  'process.stdout.write("out");process.stderr.write("err");process.stdin.on("data",d=>{process.stdout.write("in:"+d);process.exit(2)})',
  { eval: true, stdin: true, stdout: true, stderr: true },
);
let o = '';
w.stdout.on('data', (d) => (o += d));
w.stderr.on('data', (d) => (o += 'E' + d));
w.stdin.end('hello');
w.on('exit', (c) => setTimeout(() => console.log(o.split('').sort().join(''), c), 20));
