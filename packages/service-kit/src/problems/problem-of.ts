import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { problems } from '../errors.ts';
import { Problem } from './problem.ts';

type Occasion = (error: Error) => Problem;

/** Fastify's own errors. https://fastify.dev/docs/latest/Reference/Errors/ */
const FRAMEWORK: Readonly<Record<string, Occasion>> = {
  FST_ERR_BAD_URL: () => problems.MALFORMED_URL(),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    problems.URI_TOO_LONG({ detail: 'A parameter in the path has more than 100 characters.' }),
  FST_ERR_CTP_BODY_TOO_LARGE: () => problems.BODY_TOO_LARGE({ errors: [bodyError('is too large')] }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    problems.UNSUPPORTED_MEDIA_TYPE({
      errors: [{ in: 'header', field: 'content-type', detail: 'must be application/json' }],
    }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    problems.VALIDATION_FAILED({
      errors: [{ in: 'header', field: 'content-length', detail: 'does not match the length of the body' }],
    }),
};

function bodyError(detail: string) {
  return { in: 'body', field: '', detail } as const;
}

/** The problem that an error thrown anywhere is answered with; what is not known becomes 500 and says nothing more. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return problems.INTERNAL({ cause: error });
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = FRAMEWORK[code];
  if (known !== undefined) return known(error);
  if (isDatabaseUnavailable(error)) return problems.DATABASE_UNAVAILABLE({ cause: error });
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status >= 400 && status < 500)
    return new Problem(
      'MALFORMED_REQUEST',
      { status, title: 'The request cannot be served' },
      { cause: error },
    );
  return problems.INTERNAL({ cause: error });
}
