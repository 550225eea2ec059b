const { EventEmitter } = require('events');
process.on('exit', (c) => console.log(c));
const e = new EventEmitter({ captureRejections: true });
e.on('error', (x) => console.log('er', x.message));
e.on('a', async () => {
  throw new Error('cr');
});
e.emit('a');
setTimeout(() => new EventEmitter().emit('error', new Error('no listener')), 5);
