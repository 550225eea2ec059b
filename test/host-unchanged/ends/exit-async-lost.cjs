process.on('exit', () => {
  setTimeout(() => console.log('no'), 0);
  Promise.resolve().then(() => console.log('micro'));
});
console.log('a');
