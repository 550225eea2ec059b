/** What the explorer is called among an agent's servers. */
export const SERVER = 'tandem';

/** Where an agent finds the server: the address of one explorer, or a command that finds the one that runs. */
export type Server = { readonly url: string } | { readonly command: readonly [string, ...string[]] };

/** A file of an agent that has its servers as JSON, below `key`. */
export interface AgentFile {
  /** Relative to the folder or to home. */
  readonly path: string;
  readonly in: 'folder' | 'home';
  readonly key: string;
  /** What stands below `key` and the server's name. */
  entry(server: Server): object;
}

/** How a coding agent is given a server: by its own command where it has one, else in its file. */
export interface Agent {
  readonly name: string;
  readonly command?: string;
  add?(server: Server): readonly string[];
  readonly remove?: readonly string[];
  /** What a person does where no command removes the entry, or an older version has none. */
  readonly removeByHand?: string;
  /** An agent without a command is there where the folder of a file is; the first such file counts. */
  readonly files?: readonly AgentFile[];
}

/** The words behind an agent's own `mcp add`, by where the server is. A shell finds Node by its name, whatever its version. */
const added =
  (ofUrl: (url: string) => readonly string[], ofCommand: (words: readonly string[]) => string[]) =>
  (server: Server) => [
    'mcp',
    'add',
    ...('url' in server ? ofUrl(server.url) : ofCommand(['node', ...server.command.slice(1)])),
  ];

/** An editor may be started without the shell's PATH: the whole path of Node. */
const entryOf = (server: Server) => {
  if ('url' in server) return server;
  const [command, ...args] = server.command;
  return { command, args };
};

const VS_CODE = (server: Server) => ({ type: 'url' in server ? 'http' : 'stdio', ...entryOf(server) });

/**
 * Coding agents, as their documents and sources described their commands and files on 2026-11-30. Tried on that day: Claude Code
 * 2.1.332, Codex 0.171.0, Gemini 0.61.0 and opencode 1.18.33.
 */
export const AGENTS: readonly Agent[] = [
  {
    name: 'Claude Code',
    command: 'claude',
    add: added(
      (url) => ['--transport', 'http', '--scope', 'user', SERVER, url],
      (words) => ['--scope', 'user', SERVER, '--', ...words],
    ),
    remove: ['mcp', 'remove', '--scope', 'user', SERVER],
  },
  {
    name: 'Codex',
    command: 'codex',
    add: added(
      (url) => [SERVER, '--url', url],
      (words) => [SERVER, '--', ...words],
    ),
    remove: ['mcp', 'remove', SERVER],
  },
  {
    name: 'Gemini',
    command: 'gemini',
    add: added(
      (url) => ['--transport', 'http', '--scope', 'user', SERVER, url],
      (words) => ['--scope', 'user', SERVER, ...words],
    ),
    remove: ['mcp', 'remove', '--scope', 'user', SERVER],
  },
  {
    name: 'Antigravity',
    command: 'agy',
    add: added(
      (url) => ['--type', 'http', SERVER, url],
      (words) => [SERVER, '--', ...words],
    ),
    remove: ['mcp', 'remove', SERVER],
  },
  {
    name: 'opencode',
    command: 'opencode',
    add: added(
      (url) => [SERVER, '--url', url],
      (words) => [SERVER, '--', ...words],
    ),
    // From version 2 on.
    remove: ['mcp', 'remove', SERVER],
    removeByHand: `delete ${SERVER} below mcp in ~/.config/opencode/opencode.jsonc`,
  },
  {
    name: 'VS Code',
    command: 'code',
    add: (server) => ['--add-mcp', JSON.stringify({ name: SERVER, ...VS_CODE(server) })],
    removeByHand: 'run "MCP: List Servers" in its Command Palette, and uninstall it there',
    files: [{ path: '.vscode/mcp.json', in: 'folder', key: 'servers', entry: VS_CODE }],
  },
  {
    name: 'Cursor',
    files: (['folder', 'home'] as const).map((where) => ({
      path: '.cursor/mcp.json',
      in: where,
      key: 'mcpServers',
      entry: entryOf,
    })),
  },
];

/** Where agents find the skills of a folder. */
export const SKILL_FOLDERS: readonly string[] = ['.agents/skills', '.claude/skills'];
