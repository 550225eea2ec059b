process.once('SIGINT', () => {
  console.log('one');
  process.kill(process.pid, 'SIGINT');
});
setTimeout(() => {
  console.log('late');
}, 3000);
process.kill(process.pid, 'SIGINT');
