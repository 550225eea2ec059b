/** Where the report goes: standard output, or a test's collector. */
export interface ReportOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Files between two lines of progress, where the output is no terminal. */
const PROGRESS_FILES = 20;

/**
 * Reads the TAP of a whole run line by line, and tells a person what matters of it: how far it is, and each test that
 * failed, with its diagnostics and then the tests around it.
 *
 * @example
 * const report = new TapReport(process.stdout);
 * for await (const line of createInterface(child.stdout)) report.read(line);
 * report.end('.tap/test.tap');
 */
export class TapReport {
  readonly #output: ReportOutput;
  #files = 0;
  #failedFiles = 0;
  /** Tap's own totals, such as `{ total: 12, pass: 11, fail: 1 }`; undefined until it has ended by itself. */
  #totals: string | undefined;
  /** What is to be said of the file under way. */
  #failures: string[] = [];
  #isAfterFailure = false;
  /** The line that ends the diagnostics under way. */
  #endOfDiagnostics: string | undefined;

  constructor(output: ReportOutput) {
    this.#output = output;
  }

  /** @param line without its end */
  read(line: string): void {
    if (this.#endOfDiagnostics !== undefined) {
      this.#failures.push(line);
      if (line === this.#endOfDiagnostics) this.#endOfDiagnostics = undefined;
    } else if (this.#isAfterFailure && line.endsWith('---')) {
      this.#failures.push(line);
      this.#endOfDiagnostics = line.replace('---', '...');
    } else this.#readPoint(line);
  }

  #readPoint(line: string): void {
    const [, indent, not] = /^( *)(not )?ok \d/.exec(line) ?? [];
    this.#isAfterFailure = not !== undefined && !/ # (?:TODO|SKIP)\b/.test(line);
    if (this.#isAfterFailure) this.#failures.push(line);
    if (indent === '') {
      this.#files++;
      if (this.#isAfterFailure) this.#failedFiles++;
      this.#showProgress();
    } else if (line.startsWith('#')) {
      this.#showFailures();
      this.#totals = /^# (\{ total: .*\})$/.exec(line)?.[1] ?? this.#totals;
    }
  }

  /** Says what came of it. @param path where the whole TAP is */
  end(path: string): void {
    this.#showFailures();
    const files = `${this.#files} test files, ${this.#failedFiles} failed`;
    this.#print(`${files}. Assertions: ${this.#totals ?? 'not all have run'}. All of it: ${path}\n`);
  }

  #showProgress(): void {
    const progress = `${this.#files} test files, ${this.#failedFiles} failed`;
    if (this.#output.isTTY) this.#print(progress);
    else if (this.#files % PROGRESS_FILES === 0) this.#print(`${progress}\n`);
  }

  #showFailures(): void {
    if (this.#failures.length > 0) this.#print(`${this.#failures.join('\n')}\n\n`);
    this.#failures = [];
  }

  #print(text: string): void {
    this.#output.write(this.#output.isTTY ? `\r\u001b[K${text}` : text);
  }
}
