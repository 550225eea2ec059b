console.log('a');
setTimeout(() => {}, 5000);
process.kill(process.pid, 'SIGKILL');
