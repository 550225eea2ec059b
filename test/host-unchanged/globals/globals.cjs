console.log(
  Object.getOwnPropertyNames(globalThis).length,
  Object.getOwnPropertySymbols(globalThis).length,
  Object.getOwnPropertyNames(Error).join(),
  Object.getOwnPropertyNames(console).length,
  Object.getOwnPropertyNames(process).length,
);
