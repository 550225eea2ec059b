/** What a person types for the explorer's commands: in the workspace as its launcher was called, elsewhere by npm's name. */
export const TYPED =
  process.env.TANDEM || (import.meta.filename.endsWith('.ts') ? 'node tandem' : 'npx @tandem/trace-explorer');
