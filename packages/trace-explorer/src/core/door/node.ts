import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ProblemDefinition } from '@tandem/service-kit/http';
import type { FastifyBaseLogger } from 'fastify';
import type { WithFiles } from '../command/files/run-file.ts';
import type { Config, PartSettings } from '../config.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import type { Intake } from '../receiver/intake.ts';
import type { SpanStore } from '../store/store.ts';
import type { Tool } from '../tools/tool.ts';
import type { Part } from './part.ts';

/** What the explorer hands to a part's routes. */
export interface ServerContext {
  readonly store: SpanStore;
  readonly intake: Intake;
  /** The calculated fields of queries and filters. */
  readonly readSaved: ReadSavedFields;
  /** Colours by service. */
  readonly colors: () => Promise<ReadonlyMap<string, number>>;
  /** Base URL of the receiver, for people to read. */
  readonly otlpEndpoint: string;
  /** Whether senders need EXPLORER_TOKEN. */
  readonly needsToken: boolean;
  /** Folder of saved queries and calculated fields, absolute. Undefined: nothing can be saved. */
  readonly queryFolder: string | undefined;
  /** Folder for what a part keeps, absolute. Undefined: memory alone keeps it. */
  readonly stateFolder: string | undefined;
  /** The folder of a run's command, absolute; of spans without a run the one that TRACE_CODE_LOCATIONS names. */
  readonly folderOf: (run: string | undefined) => Promise<string | undefined>;
  /** The exit code of a run's command, where `run` has told it. */
  readonly exitCodeOf: (run: string) => Promise<number | undefined>;
  readonly parts: readonly NodePart[];
}

export interface RunningExplorer {
  /** The ports in use, also when the settings left them to the system. */
  readonly port: number;
  readonly otlpPort: number;
  /** Undefined when OTLP over gRPC is off. */
  readonly otlpGrpcPort: number | undefined;
  /** Stops receiving spans, finishes the requests in progress, and closes the store. */
  stop(): Promise<void>;
}

/** What a command needs of the explorer. Whoever composes it loads this, so that no part imports it. */
export interface CommandContext {
  readonly parts: readonly NodePart[];
  /** @throws ListenError naming the variable, or the store's own error; nothing is left open */
  startExplorer(config: Config, logger: FastifyBaseLogger): Promise<RunningExplorer>;
  readonly withFiles: WithFiles;
}

export interface Command {
  /** How it is called, and what it does: its line of `trace-explorer --help`. */
  readonly usage: string;
  readonly does: string;
  /** Its place among the lines. */
  readonly order: number;
  load(): Promise<(args: readonly string[], context: CommandContext) => Promise<void>>;
}

/**
 * `parts/NAME/part.node.ts`. It imports types; the rest is behind functions, because each command loads the
 * doors of all parts. A room that asks the parts for more adds its member here, by declaration merging.
 */
export interface NodePart {
  readonly part: Part;
  readonly commands?: Readonly<Record<string, Command>>;
  /** Tools for agents. The part `mcp` lists the tools of all parts in the order in which an agent needs them. */
  tools?(): Promise<readonly Tool[]>;
  routes?(): Promise<readonly FastifyPluginAsyncTypebox<ServerContext>[]>;
  /** Problems that its routes answer, beside those of the core. */
  readonly problems?: Readonly<Record<string, ProblemDefinition>>;
  /** Variables that it reads. */
  settings?(): Promise<PartSettings>;
}

/** What the parts have, in its order. */
export function inOrder<T extends { readonly order: number }>(some: Iterable<T>): T[] {
  return [...some].toSorted((a, b) => a.order - b.order);
}

/** The tools of parts. */
export async function toolsOf(parts: readonly NodePart[]): Promise<readonly Tool[]> {
  return (await Promise.all(parts.map((part) => part.tools?.() ?? []))).flat();
}
