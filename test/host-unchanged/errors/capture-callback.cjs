console.log(process.hasUncaughtExceptionCaptureCallback());
process.setUncaughtExceptionCaptureCallback((e) => {
  console.log('captured', e.message);
});
setTimeout(() => {
  throw new Error('c');
});
