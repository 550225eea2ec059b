const { Worker } = require('worker_threads');
let n = 0;
for (let i = 0; i < 12; i++)
  new Worker('setTimeout(()=>{},5)', { eval: true }).on('exit', (c) => {
    if (++n === 12) console.log('all', c);
  });
