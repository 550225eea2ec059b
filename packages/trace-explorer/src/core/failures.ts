/** What each protocol answers to a request that is refused. */
interface Answers {
  /** A sentence of its own, which the API and OTLP say alike, unless the failure has another one. */
  readonly message?: string;
  /** Seconds until another try; absent where another try does not help. */
  readonly wait?: number;
  /** OTLP's HTTP status, and the API's where that has no other one. gRPC's code follows it. */
  readonly otlp: number;
}

/** What the explorer's own API (RFC 9457) and the query API (in Honeycomb's form) answer as well. */
interface StoreAnswers extends Answers {
  readonly message: string;
  readonly status: number;
  readonly title: string;
  /** What the API says behind the message. */
  readonly advice?: string;
  readonly query: 'unavailable' | 'timeout' | 'too-large';
  /** The query API's own words. */
  readonly queryMessage?: string;
}

const ADVICE = '; narrow its time or its filters, or try again when less is being read.';

/** Why the store refuses a request. */
export const STORE_FAILURES = {
  STORE_BUSY: {
    status: 503,
    title: 'The store is behind',
    message: "The store's writer is behind; retry in 1 s",
    wait: 1,
    otlp: 429, // OTLP's status for a sender that is too fast
    query: 'unavailable',
  },
  STORE_REOPENING: {
    status: 503,
    title: 'The store reopens its files',
    message: 'The store reopens its files; retry in 2 s',
    wait: 2,
    otlp: 503,
    query: 'unavailable',
  },
  STORE_DAMAGED: {
    status: 503,
    title: 'The file of the store is damaged',
    message:
      "A block of the store's file is damaged, so the explorer takes and reads nothing more until a person removes the file; the explorer's log and page name it",
    wait: 60,
    otlp: 503,
    query: 'unavailable',
  },
  STORE_GONE: {
    status: 503,
    title: 'Files of the store are gone',
    message: 'Somebody removed or replaced files of the store while the explorer ran',
    wait: 5,
    otlp: 503,
    query: 'unavailable',
  },
  STORE_CLOSED: {
    status: 503,
    title: 'The explorer is stopping',
    message: 'The store is closed',
    wait: 5,
    otlp: 503,
    query: 'unavailable',
  },
  DISK_FULL: {
    status: 503,
    title: 'The disk is full',
    message:
      'the disk of the explorer’s store is full, so new data is refused, and its senders are asked to send it again; make room on the disk. Then the store goes on by itself',
    wait: 5,
    otlp: 503,
    query: 'unavailable',
  },
  QUERY_TIMEOUT: {
    status: 504,
    title: 'Reading this took too long',
    message: 'Reading took too long',
    advice: ADVICE,
    otlp: 504,
    query: 'timeout',
    queryMessage: 'The query was interrupted; a shorter time range or fewer groups answer faster.',
  },
  QUERY_TOO_LARGE: {
    status: 422,
    title: 'Reading this needs more memory than there is',
    message: 'Reading needs more memory than the explorer has',
    advice: ADVICE,
    otlp: 422,
    query: 'too-large',
    queryMessage:
      'The query needs more memory than the explorer has; a shorter time range or fewer groups need less.',
  },
  PATTERN_TOO_LARGE: {
    status: 422,
    title: 'A regular expression is too large',
    message:
      'A regular expression needs more memory than it may take; fewer repetitions, or smaller classes of characters, need less',
    advice: ADVICE,
    otlp: 422,
    query: 'too-large',
  },
} as const satisfies Record<string, StoreAnswers>;

/** Why the receiver refuses a request before the store sees it. */
const RECEIVER_FAILURES = {
  UNREADABLE: { otlp: 400 },
  NO_TOKEN: {
    otlp: 401,
    message:
      'The explorer takes spans with the value of EXPLORER_TOKEN only. Senders give it with OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20…',
  },
  FOREIGN_PAGE: { otlp: 403 },
  UNKNOWN_PATH: { otlp: 404 },
  WRONG_METHOD: { otlp: 405 },
  TOO_LATE: { otlp: 408 },
  TOO_LARGE: { otlp: 413 },
  UNKNOWN_FORM: { otlp: 415 },
  UNIMPLEMENTED: { otlp: 501 },
  RECEIVING_TOO_MUCH: { otlp: 503, wait: 1, message: 'too much is being received at this moment' },
  NOT_TAKEN: { otlp: 503, wait: 5, message: 'The store did not take the data' },
} as const satisfies Record<string, Answers>;

const FAILURES: Readonly<Record<StoreFailure | ReceiverFailure, Answers & Partial<StoreAnswers>>> = {
  ...STORE_FAILURES,
  ...RECEIVER_FAILURES,
};

type StoreFailure = keyof typeof STORE_FAILURES;
type ReceiverFailure = keyof typeof RECEIVER_FAILURES;

/** The reason why the store or the receiver refuses a request. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: StoreFailure | ReceiverFailure;
  /** HTTP's, of the API; of OTLP for what only the receiver refuses. */
  readonly status: number;
  /** Seconds until the sender may try again; undefined where another try does not help. */
  readonly retryAfterSeconds: number | undefined;

  /** @param message what the table says, unless this says more */
  constructor(code: StoreFailure | ReceiverFailure, message?: string, retryAfterSeconds?: number) {
    super(message ?? FAILURES[code].message);
    this.code = code;
    this.status = FAILURES[code].status ?? FAILURES[code].otlp;
    this.retryAfterSeconds = retryAfterSeconds ?? FAILURES[code].wait;
  }

  /** The row of the table. */
  get answers(): Answers & Partial<StoreAnswers> {
    return FAILURES[this.code];
  }
}

/** Whether the store refused a request, and not the receiver before it. */
export function isOfStore(error: unknown): error is Failure & { readonly code: StoreFailure } {
  return error instanceof Failure && error.code in STORE_FAILURES;
}

/** Whether a request was refused for this reason. */
export function isRefused(error: unknown, code: Failure['code']): boolean {
  return error instanceof Failure && error.code === code;
}
