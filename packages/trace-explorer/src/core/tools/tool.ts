import type { Static, TObject, TProperties } from 'typebox';
import Type from 'typebox';
import type { Ask } from '../../lib/request-json.ts';
import { strictObject } from '../../lib/strict-object.ts';
import type { ToolAnswer } from './answer.ts';
import { MAX_ANSWER, USUAL_ANSWER } from './answer.ts';

/** The explorer that a tool asks, and the explorer's page. */
export interface ToolContext {
  readonly ask: Ask;
  /** URL of the page, without a slash at its end. Links begin with this URL. */
  readonly page: string;
}

export interface Tool {
  /** The name of Honeycomb's tool, when its MCP server has one like it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: TObject;
  /** The form in which agents see parts of `input`. The explorer's API checks these parts itself. */
  readonly shown?: Readonly<Record<string, unknown>>;
  /** The tools that list the possible values of a call. The answer to a failed call ends with this sentence. */
  readonly advice?: string;
  /** @throws Error that names the fault and what to do */
  run(args: unknown, context: ToolContext): Promise<ToolAnswer>;
}

/** An argument of every tool, which the server reads. */
const characters = Type.Optional(
  Type.Integer({ minimum: 2000, maximum: MAX_ANSWER, default: USUAL_ANSWER, description: 'Of the answer.' }),
);

/** A tool with the schemas of its arguments, whose types they have. */
export function tool<Arguments extends TProperties>(
  definition: Omit<Tool, 'input' | 'run'> & {
    readonly input: Arguments;
    run(args: Static<TObject<Arguments>>, context: ToolContext): Promise<ToolAnswer>;
  },
): Tool {
  const run: Tool['run'] = (args, context) => {
    const { characters: _, ...own } = Object(args);
    return definition.run(own as Static<TObject<Arguments>>, context);
  };
  return { ...definition, input: strictObject({ ...definition.input, characters }), run };
}
