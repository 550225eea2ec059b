// biome-ignore lint/correctness/noUnusedVariables: the test appends app-body.js, which uses it
const load = async (name) => {
  const loaded = await import(name);
  return loaded.default ?? loaded;
};
