/** The scope of the packages. After a change, `node tandem documents` writes it into every file of the repository. */
export const SCOPE = '@tandem';

/** Whether a registry has the packages. On the day of the release: `true`, then `node tandem documents`. */
export const RELEASED: boolean = false;

/** What `git clone` takes, as `https://…`; empty while there is no public repository. */
export const REPOSITORY: string = '';
