import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ProblemDefinition } from '@tandem/service-kit/http';
import type { FastifyBaseLogger } from 'fastify';
import type { Annotated } from '../command/annotations.ts';
import type { ExplorerClient } from '../command/client/explorer-client.ts';
import type { WithFiles } from '../command/files/run-file.ts';
import type { LastRun } from '../command/last-run.ts';
import type { Config, PartSettings } from '../config.ts';
import type { FirstReads } from '../places/first-reads.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import type { Intake } from '../receiver/intake.ts';
import type { Tee } from '../receiver/tee.ts';
import type { StatusRow } from '../status.ts';
import type { SpanStore } from '../store/store.ts';
import type { Tool } from '../tools/tool.ts';
import type { SpanForm } from '../traces/api/span-routes.ts';

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

/** A run whose command has ended. */
export interface EndedRun {
  readonly id: string;
  /** When the command began, in seconds since the epoch. */
  readonly since: number;
  /** The name of the coding agent that the command was. */
  readonly agent?: string | undefined;
  /** Whether the store has tests of it. */
  readonly hasTests: boolean;
  /** The names of all stored fields. */
  readonly columns: ReadonlySet<string>;
  /** The program that the command began with, and the command's exit code. */
  readonly program: string;
  readonly exitCode: number;
  /** The same command under --profile, as it can be typed; undefined where it ran under it. */
  readonly profiling?: string | undefined;
  /** When the command was asked to stop, in seconds since the epoch. */
  readonly stopped?: number | undefined;
  /** The run before of the same command in the same folder. */
  readonly last?: LastRun | undefined;
  /** Stored requests of it. */
  readonly requests: number;
}

/** What a part says at the end of `run`. */
export interface RunSaid {
  readonly text: string;
  /** What came of the run, for a file. The text then stands in place of the number of traces. */
  readonly facts?: object;
  /** How many problems these are. */
  readonly problems?: number;
  /** Lines of code that something is wrong with, the worst first. */
  readonly places?: readonly Annotated[];
}

/** @throws Error where the explorer does not answer */
export type RunEnding = (client: ExplorerClient, run: EndedRun) => Promise<RunSaid | undefined>;

/** What a part says of several runs of a command, by their ids, the oldest first. @throws Error where the explorer does not answer */
export type RunsEnding = (client: ExplorerClient, runs: readonly string[]) => Promise<RunSaid>;

/** Says what is new while programs run, until it is called to stop. @param run the id of the run; all senders without one */
export type LiveCauses = (
  client: ExplorerClient,
  run: string | undefined,
  say: (line: string) => void,
) => () => void;

/** Addresses that a part's page may send requests to. */
export interface PageAddresses {
  readonly apiUrl: string;
  readonly otlpEndpoint: string;
}

/**
 * `parts/NAME/part.node.ts`. It imports types; the rest is behind functions, because each command loads the
 * doors of all parts.
 */
export interface NodePart {
  /** Its folder. */
  readonly name: string;
  readonly commands?: Readonly<Record<string, Command>>;
  /** Tools for agents. The part `mcp` lists the tools of all parts in the order in which an agent needs them. */
  tools?(): Promise<readonly Tool[]>;
  routes?(): Promise<readonly FastifyPluginAsyncTypebox<ServerContext>[]>;
  /** Problems that its routes answer, beside those of the core. */
  readonly problems?: Readonly<Record<string, ProblemDefinition>>;
  /** Variables that it reads. */
  settings?(): Promise<PartSettings>;
  /** A row of `GET /api/status`. */
  status?(): Promise<(context: ServerContext) => StatusRow>;
  /** Sends taken bodies on, where the settings say so. */
  tee?(config: Config, logger: FastifyBaseLogger): Promise<Tee | undefined>;
  /** By view, the request that the page's HTML starts. It must not depend on the browser. */
  readonly firstReads?: FirstReads;
  /** URLs whose origins the page may send requests to (Content-Security-Policy). */
  connectSrc?(addresses: PageAddresses): readonly string[];
  /** Forms in which other systems show a span, by the value of `form`. */
  readonly spanForms?: Readonly<Record<string, SpanForm>>;
  runEnding?(): Promise<RunEnding>;
  runsEnding?(): Promise<RunsEnding>;
  liveCauses?(): Promise<LiveCauses>;
}

/** What the parts have, in its order. */
export function inOrder<T extends { readonly order: number }>(some: Iterable<T>): T[] {
  return [...some].toSorted((a, b) => a.order - b.order);
}

/** The tools of parts. */
export async function toolsOf(parts: readonly NodePart[]): Promise<readonly Tool[]> {
  return (await Promise.all(parts.map((part) => part.tools?.() ?? []))).flat();
}
