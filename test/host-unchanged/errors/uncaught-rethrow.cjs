process.on('uncaughtException', (e) => {
  throw new Error('second');
});
throw new Error('first');
