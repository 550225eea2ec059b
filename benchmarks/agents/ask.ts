import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as readText } from 'node:stream/consumers';
import { jsonOrNothing } from '../../packages/trace-explorer/src/lib/text/parse-json.ts';
import type { App } from './apps.ts';

/** A place that is said to be wrong, with the rules or the kind by which it is said. */
export interface Answer {
  readonly file: string;
  readonly line: number;
  /** Absent: no kind was said, and none is asked for. */
  readonly kinds?: readonly string[];
}

/** Answers in the order in which they were given, the characters that were read for them, and the calls that were made. */
export interface Asked {
  readonly answers: readonly Answer[];
  readonly characters: number;
  readonly calls: number;
}

/**
 * Asks the tools by a fixed plan: what is wrong with the last run, then the traces of at most three causes without a line. A
 * cause without a place in the app, or outside of it, is no answer.
 */
export async function askTools(origin: string): Promise<Asked> {
  let [characters, calls] = [0, 0];
  const ask = async (name: string, args: object) => {
    const { content } = await mcp(origin, 'tools/call', { name, arguments: args });
    const [{ text = '' } = {}] = content as { text?: string }[];
    characters += text.length;
    calls += 1;
    return JSON.parse(text);
  };
  const answers: Answer[] = [];
  let looked = 0;
  const { causes } = await ask('what_is_wrong', { run: 'last' });
  for (const { rule, rules = [], file, line, trace_id, outside } of causes) {
    if (outside) continue;
    const kinds = [rule, ...rules];
    let place = file === undefined ? undefined : `${file}:${line}`;
    if (place === undefined && trace_id !== undefined && looked++ < 3) {
      const { findings, errors } = await ask('get_trace', { trace_id });
      const said = findings.find((each: { rule: string }) => kinds.includes(each.rule)) ?? errors[0];
      place = said?.file === undefined ? said?.line : `${said.file}:${said.line}`;
    }
    if (place !== undefined) answers.push({ ...placeOf(place), kinds });
  }
  return { answers, characters, calls };
}

/** The characters of the tools that an agent reads before its first question. */
export async function toolCharacters(origin: string, all = false): Promise<number> {
  return JSON.stringify((await mcp(origin, 'tools/list', {}, all)).tools).length;
}

/** Reads the app's log alone: each stack's first line in the app's own files. No kind is asked for. */
export function askLog({ folder }: App, log: string): Asked {
  const stacks = log.split(/\n(?!\s+at )|\\n(?!\s+at )/);
  const places = stacks.flatMap((stack) => {
    const at = stack.indexOf(`${folder}/`);
    return at < 0 ? [] : (/^[^\s)"\\]+/.exec(stack.slice(at + folder.length + 1))?.[0] ?? []);
  });
  const answers = [...new Set(places)].map(placeOf);
  return { answers, characters: log.length, calls: 1 };
}

/** Asks a coding agent: a command of the shell, which gets the question on standard input, or where it says `{question}`. */
export async function askAgent(command: string, { folder }: App, origin: string, kinds: readonly string[]) {
  const question = `The app in this folder (app.mjs) has run. Its traces are in the trace explorer at ${origin}: ask the MCP server at ${origin}/mcp. Is something wrong with the app? A slow call that nobody can shorten, or a 404 that is right, is no fault. Answer with one line of JSON for each fault and nothing else: {"file": "app.mjs", "function": "name", "line": 1, "kind": one of ${JSON.stringify(kinds)}}. If there is none, answer nothing.`;
  const quoted = `'${question.replaceAll("'", "'\\''")}'`;
  const child = spawn(
    command.replaceAll('{question}', () => quoted),
    {
      cwd: folder,
      shell: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  child.stdin.on('error', () => {}).end(command.includes('{question}') ? '' : question);
  const [said] = await Promise.all([readText(child.stdout), once(child, 'close')]);
  const answers = said.split('\n').flatMap((line): Answer[] => {
    if (!line.startsWith('{')) return [];
    const { file, line: at, kind } = Object(jsonOrNothing(line));
    return [{ file: String(file), line: Number(at), kinds: [String(kind)] }];
  });
  return { answers, characters: said.length, calls: 1 };
}

async function mcp(origin: string, method: string, params: object, all = false) {
  const answer = await fetch(`${origin}/mcp${all ? '?tools=all' : ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const text = await answer.text();
  const { result, error } = JSON.parse(text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? ''));
  if (error !== undefined || result.isError) throw new Error(JSON.stringify(error ?? result.content));
  return result;
}

function placeOf(place: string): Answer {
  const [file = '', line = ''] = place.split(':');
  return { file, line: Number(line) };
}
