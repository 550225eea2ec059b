import { execFileSync } from 'node:child_process';
import { SECRET_NAME, SECRET_VALUE, USER_INFO } from '../../../core/redaction/masked.ts';
import { looksSecret } from '../../../core/redaction/named-fields.ts';
import { secretFormOf } from '../../../core/redaction/secret-forms.ts';
import type { RunFacts } from '../../../core/runs/run-fields.ts';
import { EXIT_CODE, PROCESSOR_TIME, RUN_ID, RUN_PLACE } from '../../../core/runs/run-fields.ts';
import { shellWord } from '../../../lib/text/harmless-text.ts';

interface Ended {
  readonly id: string;
  readonly head: RunFacts;
  readonly command: readonly string[];
  /** Where it ended by itself. */
  readonly exitCode: number | undefined;
  /** Of all its processes, where the system tells. */
  readonly processorMs?: number | undefined;
  /** Seconds since the epoch. */
  readonly since: number;
  /** Where its folder is in its repository. */
  readonly place?: string | undefined;
}

/** The commit and branch of the folder, or of CI. @param name of the run, instead of the commit */
export function headOf(name: string | undefined, env: NodeJS.ProcessEnv): RunFacts {
  const [commit, branch] = git('rev-parse', 'HEAD', '--abbrev-ref', 'HEAD')?.split('\n') ?? [];
  return withoutGaps({
    'vcs.ref.head.revision': name || env.GITHUB_SHA || commit,
    'vcs.ref.head.name':
      env.GITHUB_HEAD_REF || env.GITHUB_REF_NAME || (branch === 'HEAD' ? undefined : branch),
  });
}

/**
 * The facts of a run: command, exit code, processor time, folder in its repository, start, and the commit and branch of the folder, or of CI. Nothing else of the environment
 * is read. It leaves out secrets among the command's arguments and in the repository's address.
 */
export function runFacts(
  { id, head, command, exitCode, processorMs, since, place }: Ended,
  env: NodeJS.ProcessEnv,
): RunFacts {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  const url = server && repository ? `${server}/${repository}` : git('remote', 'get-url', 'origin');
  return withoutGaps({
    [RUN_ID]: id,
    'process.command_line': commandLine(command),
    [EXIT_CODE]: exitCode,
    [PROCESSOR_TIME]: processorMs,
    [RUN_PLACE]: place,
    'tandem.run.start': new Date(since * 1000).toISOString(),
    ...head,
    'vcs.repository.url.full': url === undefined ? undefined : withoutKeys(url),
    'cicd.pipeline.name': env.GITHUB_WORKFLOW,
    'cicd.pipeline.run.id': env.GITHUB_RUN_ID,
  });
}

function withoutGaps(facts: Readonly<Record<string, string | number | undefined>>): RunFacts {
  const known = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
  return Object.fromEntries(known);
}

function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    }).trim();
  } catch {
    return undefined; // not a repository, or git is not installed
  }
}

/** Secrets within a text, each with what stands before it. */
const WITHIN: readonly RegExp[] = [
  USER_INFO,
  new RegExp(String.raw`((?<![\w.-])${SECRET_NAME}\\?["']?\s*[=:]\s*\\?)${SECRET_VALUE}`, 'gi'),
  new RegExp(String.raw`((?<![\w.-])--?${SECRET_NAME}\s+)(?!-)${SECRET_VALUE}`, 'gi'),
  /((?<![\w-])(?:-u|--user|--proxy-user)[ =]?)(?!\d{1,9}:\d)[^\s:"'-][^\s:"']{0,200}:[^\s"']+/g,
  /(\b(?:mysql\w{0,20}|mariadb[\w-]{0,20}|sshpass)\b[^;|&\n]{0,200}? -p ?)[^\s"'-][^\s"']*/g,
  /(\b(?:redis-cli\b[^;|&\n]{0,200}? -a|curl\b[^;|&\n]{0,200}? -b) ?)("[^"]*"|'[^']*'|[^\s"']+)/g,
];

/** The command without secrets: values of names such as `--token`, `PGPASSWORD` and `sig`, passwords in addresses, texts that look like a key. */
export function commandLine(command: readonly string[]): string {
  let hidesNext = false;
  const words = command.map((word) => {
    const [, name = '', value] = /^(-{0,2}[\w.-]+)(?:[=:](.+))?$/s.exec(word) ?? [];
    const isSecret = looksSecret(name) || IS_NAME.test(name);
    const isHidden = hidesNext;
    hidesNext = isSecret && value === undefined && name.startsWith('-');
    if (isHidden) return 'REDACTED';
    if (isSecret && value !== undefined) return `${name}=REDACTED`;
    const rest = withoutSecrets(word);
    return secretFormOf('', rest) === undefined ? shellWord(rest) : 'REDACTED';
  });
  return withoutSecrets(words.join(' '));
}

const IS_NAME = new RegExp(`^${SECRET_NAME}$`, 'i');

function withoutSecrets(text: string): string {
  return WITHIN.reduce((rest, pattern) => rest.replace(pattern, '$1REDACTED'), text);
}

/** A repository's address without the parts that may hold a key: user, password and query. */
export function withoutKeys(address: string): string {
  const [begin, end] = [address.indexOf('//') + 2, address.lastIndexOf('@') + 1];
  const withoutUser = begin > 1 && begin < end ? address.slice(0, begin) + address.slice(end) : address;
  return withoutUser.replace(/\?.*/su, '');
}
