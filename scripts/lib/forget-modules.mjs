// Loaded into every test before tap's own hooks: tap notes each module that a test loads, for `tap --changed`, which
// takes 0.3 s of processor time per file. Nothing here uses that, so no module is worth noting.
if (process.env._TAPJS_PROCESSINFO_EXCLUDE_ !== undefined) process.env._TAPJS_PROCESSINFO_EXCLUDE_ = '/./';
