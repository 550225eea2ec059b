/** What is right to say of a recorded app. */
export interface Expected {
  /** Its fault: what a sentence about it says, and the lines of code to look at. None of a healthy app. */
  readonly fault?: RegExp;
  readonly at?: readonly string[];
  /** Further sentences that are true. */
  readonly also?: RegExp;
}

/**
 * Seventeen apps that ran under load, each with one fault or with none: `quiet/` on a machine without other work, `busy/` beside two
 * programs that never wait. Their recorded spans have short ids and moved times, and of their resource what names them.
 */
export const RUNS: Readonly<Record<string, Expected>> = {
  // A cache that accepts and never answers: each request waits 200 ms for it, and goes on without it.
  articles: {
    fault: /^Nobody answered GET .* waited/,
    at: ['lib/cache.js:9'],
    also: /did not wait for it$/,
  },
  // LIKE %…% reads a whole table. The driver is synchronous, so the process stands still, too.
  'audit-search': {
    fault: /^SELECT events took/,
    at: ['src/repositories/events-repository.ts:24'],
    also: /stood still .* GET \/events\/orders\/:order: .*its own code ran/,
  },
  // forEach(async …): nobody waits for the calls, and some fail. Seven calls where one would do are a smaller fault.
  'contacts-import': {
    fault: /crm\/contacts .*failed with 500.* (?:went on|answered)/,
    at: [
      'src/contacts.service.ts:20',
      'src/contacts.service.ts:21',
      'src/crm.client.ts:7',
      'src/crm.client.ts:12',
    ],
    also: /crm\/contacts was called 7 times/,
  },
  // A new agent, and a TLS handshake, for each call. What makes the calls slow is that.
  currency: {
    fault: /own TLS connection/,
    at: ['src/rates-client.ts:5', 'src/rates-client.ts:6', 'src/convert.ts:4'],
    also: /^GET \S+\/rates\/\w+ took/,
  },
  // Streams to slow clients hold both connections of a pool.
  exports: { fault: /waited .*connection.*held by GET \/export/, at: ['routes/export.js:6', 'app.js:8'] },
  // 5 MB of JSON are fetched and parsed for each lookup.
  'feed-lookup': {
    fault: /GET \/items\/.*(?:MB|MiB|bytes|feed)/,
    at: ['src/feed.ts:10', 'src/feed.ts:11', 'src/feed.ts:15'],
    also: /stood still .* GET \/items\/.*its own code ran|feed\.json/,
  },
  // Bodies are kept for ever in an array of the module.
  'form-audit': { fault: /garbage|memory|heap/, at: ['middleware/audit.js:5', 'middleware/audit.js:1'] },
  // The key set is made anew in each request, so that its cache never works.
  keys: { fault: /jwks/, at: ['src/plugins/authenticate.ts:6', 'src/plugins/authenticate.ts:8'] },
  // Five independent calls, one after the other.
  morning: {
    fault: /one after (?:the other|another)/,
    at: ['briefing.js:4', 'briefing.js:5', 'briefing.js:6', 'briefing.js:7', 'briefing.js:8'],
  },
  // A dependency hangs for some, and a client tries again for 4 s without a word.
  'product-page': { fault: /recommender/, at: ['lib/product-page.mjs:8'] },
  // A job on a timer blocks the loop for some 300 ms.
  'search-index': {
    fault: /stood still .*GET \/search/,
    at: ['jobs/rebuild-index.js:2', 'jobs/rebuild-index.js:7', 'jobs/rebuild-index.js:5', 'server.js:6'],
  },
  // A row lock is held over a call.
  tickets: {
    fault: /UPDATE concerts9.*lock/,
    at: ['src/booking.js:14', 'src/booking.js:15', 'src/booking.js:16'],
    also: /^UPDATE concerts9 took/,
  },
  // A relay sends an event again every 150 ms for ever, and nobody hears of it.
  webhooks: { fault: /hooks\/acme|^POST .*(?:500|fail)/, at: ['src/relay.ts:10', 'src/relay.ts:11'] },
  // Streams of events and a long poll; 503 with Retry-After at its limit; pages by key; scrypt with a salt.
  'live-scores': {},
  shedding: {},
  'paged-export': {},
  'sign-in': {},
};
