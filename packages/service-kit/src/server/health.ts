import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { problems } from '../errors.ts';
import { Problem } from '../problems/problem.ts';
import { unlimitedProblemResponses } from '../problems/problem-details.ts';
import { settlesWithin } from '../process/settles-within.ts';

/** How long a database may take to answer: less than probes usually wait for the answer of `/health/ready`. */
const READINESS_TIMEOUT_MS = 800;

/** What decides whether a server is ready. */
export interface Readiness {
  /** Resolves when the database answers, rejects when it does not; at most two calls are under way at a time. */
  checkDatabase(): Promise<void>;
  /** True from the moment the process was asked to stop. */
  isStopping(): boolean;
}

const Health = Type.Object({ status: Type.Literal('ok') });

/**
 * `/health/live`: the process runs. `/health/ready`: it can be sent requests, else 503. Neither is rate-limited, nor
 * logged at level info.
 */
export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
  const config = { rateLimit: false } as const;
  const tags = ['health'];
  const databaseAnswers = shareChecks(() => readiness.checkDatabase());

  app.get(
    '/health/live',
    {
      config,
      logLevel: 'warn',
      schema: {
        tags,
        summary: 'The process runs',
        response: { 200: Health, ...unlimitedProblemResponses() },
      },
    },
    function showAlive() {
      return { status: 'ok' };
    },
  );

  app.get(
    '/health/ready',
    {
      config,
      logLevel: 'warn',
      schema: {
        tags,
        summary: 'The service takes requests',
        response: { 200: Health, ...unlimitedProblemResponses(503) },
      },
    },
    async function showReady() {
      if (readiness.isStopping()) throw problems.NOT_READY({ detail: 'The service is shutting down.' });
      const check = databaseAnswers().catch((cause: unknown) => {
        const detail = cause instanceof Problem ? cause.detail : undefined;
        throw problems.NOT_READY({ detail: detail ?? 'The database does not answer.', cause });
      });
      if (!(await settlesWithin(check, READINESS_TIMEOUT_MS)))
        throw problems.NOT_READY({
          detail: `The database did not answer within ${READINESS_TIMEOUT_MS} ms.`,
        });
      await check;
      return { status: 'ok' };
    },
  );
}

/**
 * Whoever asks while a check is under way gets its outcome, unless the check has been given up: a database that has come
 * back since then is found by another one. Never more than two are under way, so that a database that hangs is not asked
 * ever more often.
 */
function shareChecks(check: () => Promise<void>): () => Promise<void> {
  let underWay = 0;
  let newest: { readonly outcome: Promise<void>; readonly began: number } | undefined;
  const start = () => {
    underWay++;
    const outcome = check().finally(() => {
      underWay--;
      if (newest === started) newest = undefined;
    });
    const started = { outcome, began: performance.now() };
    newest = started;
    return outcome;
  };
  return () => {
    if (newest === undefined) return start();
    const isGivenUp = performance.now() - newest.began >= READINESS_TIMEOUT_MS;
    return isGivenUp && underWay < 2 ? start() : newest.outcome;
  };
}
