import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenapiDocument } from './document.ts';
import { operationOf } from './document.ts';
import type { FuzzedRequest } from './requests.ts';
import type { FuzzedAnswer } from './send.ts';

const PROBLEM = 'application/problem+json';
/** Allowed errors of the server: it is busy, or the request took longer than it may. A 500 is a mistake of ours in any case. */
const SERVER_ERRORS = [503, 504];
/** Node's HTTP server refuses an unknown Expect header and too long headers itself, before there is an operation. */
const REFUSED_BY_NODE = [417, 431];
/** Answers without an operation, and to preflights. */
const OUTSIDE = [200, 204, 301, 302, 304];

/** Says of an answer what its document does not; undefined when all of it is documented. */
export type AnswerCheck = (request: FuzzedRequest, answer: FuzzedAnswer) => string | undefined;

/** The check for a server's document. */
export function checkAnswers(document: OpenapiDocument): AnswerCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  const validatorOf = (...pointer: string[]) => {
    const path = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const $ref = `document#/${path.join('/')}`;
    return ajv.getSchema($ref) ?? ajv.compile({ $ref });
  };
  return (request, { status, type, headers, body }) => {
    if (status >= 500 && !SERVER_ERRORS.includes(status)) return `status ${status}`;
    if (status === 503 && headers['retry-after'] === undefined) return '503 without Retry-After';
    if (REFUSED_BY_NODE.includes(status)) return undefined;
    const operation = operationOf(document, request.method, request.target);
    if (operation === undefined) {
      if (status === 405 && headers.allow === undefined) return '405 without Allow';
      const isKnown =
        OUTSIDE.includes(status) || (status >= 400 && [PROBLEM, 'text/html', ''].includes(type));
      return isKnown ? undefined : `${status} ${type} where there is no operation`;
    }
    const { method, path, responses } = operation;
    const key = status in responses ? String(status) : status >= 400 ? 'default' : '';
    const response = responses[key];
    if (response === undefined) return `status ${status} is not documented`;
    const isEmpty = request.method === 'HEAD' || body === '';
    if (type === '' && isEmpty) return undefined;
    if (!(type in (response.content ?? {}))) return `content type ${type} of ${status} is not documented`;
    if (isEmpty || !/[/+]json$/u.test(type)) return undefined;
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return `${status} with a body that is not JSON`;
    }
    const validate = validatorOf('paths', path, method, 'responses', key, 'content', type, 'schema');
    if (validate(parsed)) return undefined;
    return `${status} with a body that is not as documented: ${ajv.errorsText(validate.errors)}`;
  };
}
