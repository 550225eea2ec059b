/** What the explorer is called among an agent's servers. */
export const SERVER = 'tandem';

/** A file of an agent that has its servers as JSON, below `key`. */
export interface AgentFile {
  /** Relative to the folder or to home. */
  readonly path: string;
  readonly in: 'folder' | 'home';
  readonly key: string;
  /** What stands below `key` and the server's name. */
  entry(url: string): object;
}

/** How a coding agent is given a server: by its own command where it has one, else in its file. */
export interface Agent {
  readonly name: string;
  readonly command?: string;
  add?(url: string): readonly string[];
  readonly remove?: readonly string[];
  /** What a person does where no command removes the entry, or an older version has none. */
  readonly removeByHand?: string;
  /** An agent without a command is there where the folder of a file is; the first such file counts. */
  readonly files?: readonly AgentFile[];
}

const VS_CODE = (url: string) => ({ type: 'http', url });

/**
 * Coding agents, as their documents and sources described their commands and files on 2026-11-28. Tried on that day: Claude Code
 * 2.1.332, Codex 0.171.0, Gemini 0.61.0 and opencode 1.18.33.
 */
export const AGENTS: readonly Agent[] = [
  {
    name: 'Claude Code',
    command: 'claude',
    add: (url) => ['mcp', 'add', '--transport', 'http', '--scope', 'user', SERVER, url],
    remove: ['mcp', 'remove', '--scope', 'user', SERVER],
  },
  {
    name: 'Codex',
    command: 'codex',
    add: (url) => ['mcp', 'add', SERVER, '--url', url],
    remove: ['mcp', 'remove', SERVER],
  },
  {
    name: 'Gemini',
    command: 'gemini',
    add: (url) => ['mcp', 'add', '--transport', 'http', '--scope', 'user', SERVER, url],
    remove: ['mcp', 'remove', '--scope', 'user', SERVER],
  },
  {
    name: 'Antigravity',
    command: 'agy',
    add: (url) => ['mcp', 'add', '--type', 'http', SERVER, url],
    remove: ['mcp', 'remove', SERVER],
  },
  {
    name: 'opencode',
    command: 'opencode',
    add: (url) => ['mcp', 'add', SERVER, '--url', url],
    // From version 2 on.
    remove: ['mcp', 'remove', SERVER],
    removeByHand: `delete ${SERVER} below mcp in ~/.config/opencode/opencode.jsonc`,
  },
  {
    name: 'VS Code',
    command: 'code',
    add: (url) => ['--add-mcp', JSON.stringify({ name: SERVER, ...VS_CODE(url) })],
    removeByHand: 'run "MCP: List Servers" in its Command Palette, and uninstall it there',
    files: [{ path: '.vscode/mcp.json', in: 'folder', key: 'servers', entry: VS_CODE }],
  },
  {
    name: 'Cursor',
    files: (['folder', 'home'] as const).map((where) => ({
      path: '.cursor/mcp.json',
      in: where,
      key: 'mcpServers',
      entry: (url) => ({ url }),
    })),
  },
];

/** Where agents find the skills of a folder. */
export const SKILL_FOLDERS: readonly string[] = ['.agents/skills', '.claude/skills'];
