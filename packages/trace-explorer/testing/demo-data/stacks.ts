/** Exceptions as runtimes print them: own frames before the library's, and chained causes. */
export const EXCEPTIONS = [
  {
    'exception.type': 'PaymentDeclinedError',
    'exception.message': 'Card declined by issuer (code 51: insufficient funds)',
    'exception.stacktrace': `PaymentDeclinedError: Card declined by issuer (code 51: insufficient funds)
    at chargeCard (file:///srv/app/src/payments/charge-card.ts:48:11)
    at async settleOrder (file:///srv/app/src/orders/settle-order.ts:112:5)
    at async Object.handler (file:///srv/app/src/orders/routes.ts:31:18)
    at async preHandlerCallback (/srv/app/node_modules/fastify/lib/handle-request.js:149:7)
    at async process.processTicksAndRejections (node:internal/process/task_queues:105:5) {
  [cause]: Error: upstream answered 402
      at readAnswer (file:///srv/app/src/payments/gateway.ts:77:13)
      at async request (/srv/app/node_modules/undici/lib/api/api-request.js:206:3)
}`,
  },
  {
    'exception.type': 'org.springframework.dao.CannotAcquireLockException',
    'exception.message': 'could not obtain lock on row in relation "stock_levels"',
    'exception.stacktrace': `org.springframework.dao.CannotAcquireLockException: could not obtain lock on row in relation "stock_levels"
	at com.example.stock.ReservationRepository.reserve(ReservationRepository.java:88)
	at com.example.stock.ReservationService.reserveAll(ReservationService.java:51)
	at org.springframework.aop.framework.ReflectiveMethodInvocation.proceed(ReflectiveMethodInvocation.java:184)
	at org.springframework.transaction.interceptor.TransactionInterceptor.invoke(TransactionInterceptor.java:119)
${'	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)\n'.repeat(24)}Caused by: org.postgresql.util.PSQLException: ERROR: could not obtain lock on row in relation "stock_levels"
	at org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2733)
	... 41 more`,
  },
  {
    'exception.type': 'TimeoutError',
    'exception.message': 'la réponse a dépassé 2000 ms — 応答がありません',
    'exception.stacktrace': `Traceback (most recent call last):
  File "/app/recommender/ranking.py", line 214, in rank
    scores = await self.model.score(candidates)
  File "/app/recommender/model.py", line 77, in score
    return await asyncio.wait_for(self._client.predict(batch), timeout=2.0)
  File "/usr/local/lib/python3.13/asyncio/tasks.py", line 507, in wait_for
    return await fut
TimeoutError: la réponse a dépassé 2000 ms — 応答がありません`,
  },
  {
    'exception.type': '*errors.errorString',
    'exception.message': 'context deadline exceeded',
    'exception.stacktrace': `goroutine 4711 [running]:
main.(*Server).lookup(0xc0001a4000, {0x9f2b60, 0xc0003ac0f0})
	/src/geo/server.go:132 +0x1f4
main.(*Server).handleLookup(0xc0001a4000, {0x9f1e00, 0xc0002b8000}, 0xc000210500)
	/src/geo/server.go:94 +0x8c
net/http.HandlerFunc.ServeHTTP(0xc00011e3c0, {0x9f1e00, 0xc0002b8000}, 0xc000210500)
	/usr/local/go/src/net/http/server.go:2220 +0x29`,
  },
  {
    'exception.type': 'System.InvalidOperationException',
    'exception.message': 'Sequence contains no elements',
    'exception.stacktrace': `System.InvalidOperationException: Sequence contains no elements
   at System.Linq.ThrowHelper.ThrowNoElementsException()
   at Example.Tax.RateTable.For(Region region) in /src/Tax/RateTable.cs:line 63
   at Example.Tax.Program.<>c.<<Main>b__0_2>d.MoveNext() in /src/Tax/Program.cs:line 29`,
  },
] as const;
