process.on('exit', (c) => console.log('exit', c));
setTimeout(() => {
  throw new RangeError('top');
}, 1);
setTimeout(() => console.log('never'), 100);
