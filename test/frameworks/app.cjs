// biome-ignore lint/correctness/noUnusedVariables: the test appends app-body.js, which uses it
const load = async (name) => require(name);
