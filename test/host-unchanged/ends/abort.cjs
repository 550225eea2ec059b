console.log('a');
process.abort();
