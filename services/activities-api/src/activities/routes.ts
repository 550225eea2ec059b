import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { NoQuery, problemResponses } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import { findAuthors, showThread } from './authors.ts';
import type { Dependencies } from './dependencies.ts';
import { homeActivities } from './home.ts';
import { answerPage } from './pages.ts';
import { activityNotFound, postActivity } from './post-activity.ts';
import type { PageBounds } from './repository.ts';
import {
  ActivityPage,
  HandleParams,
  NewActivity,
  NotificationsQuery,
  OneActivity,
  PageQuery,
  SearchQuery,
  UuidParams,
} from './schemas.ts';

/** The routes below /activities. */
export function activitiesRoutes(instance: FastifyInstance, dependencies: Dependencies): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { activities, now } = dependencies;
  const tags = ['activities'];
  const getOptions = <T extends object, A>(summary: string, answer: A, schema: T, ...statuses: number[]) => ({
    schema: { tags, summary, ...schema, response: { 200: answer, ...problemResponses(504, ...statuses) } },
  });
  const uuidOnly = { params: UuidParams, querystring: NoQuery };
  const pageOptions = <T extends object>(summary: string, schema: T, ...statuses: number[]) =>
    getOptions(summary, ActivityPage, schema, ...statuses);
  const postOptions = <T extends object>(summary: string, schema: T, ...statuses: number[]) => ({
    schema: {
      tags,
      summary,
      querystring: NoQuery,
      body: NewActivity,
      ...schema,
      response: { 201: OneActivity, ...problemResponses(413, 415, 422, 504, ...statuses) },
    },
  });

  app.get(
    '/activities/home',
    pageOptions('The newest activities with their replies', { querystring: PageQuery }),
    function getHome(request, reply) {
      return homeActivities(dependencies, request, reply);
    },
  );

  app.get(
    '/activities/notifications',
    pageOptions('Activities that mention a user or reply to them', { querystring: NotificationsQuery }, 404),
    function getNotifications(request, reply) {
      const { handle } = request.query;
      const load = (bounds: PageBounds) => activities.notifications(bounds, handle);
      return answerPage(dependencies, request, reply, load, { in: 'query', handle });
    },
  );

  app.get(
    '/activities/search',
    pageOptions('Activities whose message contains a term', { querystring: SearchQuery }),
    function searchActivities(request, reply) {
      const load = (bounds: PageBounds) => activities.search(bounds, request.query.term);
      return answerPage(dependencies, request, reply, load);
    },
  );

  app.get(
    '/activities/@:handle',
    pageOptions('Activities of one user', { params: HandleParams, querystring: PageQuery }, 404, 414),
    function getActivitiesOfUser(request, reply) {
      const { handle } = request.params;
      const load = (bounds: PageBounds) => activities.byHandle(bounds, handle);
      return answerPage(dependencies, request, reply, load, { in: 'path', handle });
    },
  );

  app.get(
    '/activities/:uuid',
    getOptions('One activity with its replies', OneActivity, uuidOnly, 404, 414),
    async function getActivity({ params: { uuid }, deadline }) {
      const thread = await activities.find(uuid, now(), deadline.signal);
      if (thread === undefined) throw activityNotFound(uuid);
      const authors = await findAuthors(dependencies, [thread], deadline);
      return { ...showThread(thread, authors), degraded: authors.degraded };
    },
  );

  app.post(
    '/activities',
    {
      ...postOptions('Post an activity', {}),
      // OpenAPI's link: an answer has what a reply to it needs.
      links: { 201: { reply: { operationId: 'createReply', parameters: { uuid: '$response.body#/uuid' } } } },
    },
    function createActivity({ body, deadline }, reply) {
      return postActivity(dependencies, body, deadline, reply);
    },
  );

  app.post(
    '/activities/:uuid/reply',
    postOptions('Reply to an activity', { params: UuidParams }, 404, 414),
    function createReply({ params, body, deadline }, reply) {
      return postActivity(dependencies, body, deadline, reply, params.uuid);
    },
  );
}
