process.on('uncaughtException', (e, o) => {
  console.log(o, e.message);
});
setTimeout(() => {
  throw new Error('a');
});
Promise.reject(new Error('b'));
setTimeout(() => console.log('goes on'), 20);
