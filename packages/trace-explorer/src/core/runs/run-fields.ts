/** The resource attribute that names the command of a span. */
export const RUN_ID = 'tandem.run.id';

/** The fact of a run that tells how much its processes did: another machine, or a busy one, changes it little. */
export const PROCESSOR_TIME = 'tandem.run.processor_ms';

/** The fact of a run that tells where its folder is in its repository, `packages/shop`; `.` for the root. */
export const RUN_PLACE = 'tandem.run.place';

/** The fact of a run that is its command's exit code. */
export const EXIT_CODE = 'process.exit.code';

/** Attributes of a run, by the semantic conventions `process`, `vcs` and `cicd`. */
export type RunFacts = Readonly<Record<string, string | number>>;
