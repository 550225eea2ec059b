import type { Static, TObject } from 'typebox';
import type { Ask } from '../shared/ask.ts';
import type { Answer } from './answer.ts';

/** The explorer that a tool asks, and its page. */
export interface ToolContext {
  readonly ask: Ask;
  /** Where the page is, without a slash at its end: what links begin with. */
  readonly page: string;
}

/** Something that an agent can ask for. */
export interface Tool {
  /** Honeycomb's, where its MCP server has the tool. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: TObject;
  /** Parts of `input` as agents see them, where the explorer's API checks the part itself. */
  readonly shown?: Readonly<Record<string, unknown>>;
  /** @throws Error that says what was wrong and what to do */
  run(args: unknown, context: ToolContext): Promise<Answer>;
}

/** A tool whose arguments have the types of their schema. */
export function tool<S extends TObject>(
  definition: Omit<Tool, 'input' | 'run'> & {
    readonly input: S;
    run(args: Static<S>, context: ToolContext): Promise<Answer>;
  },
): Tool {
  return { ...definition, run: (args, context) => definition.run(args as Static<S>, context) };
}
